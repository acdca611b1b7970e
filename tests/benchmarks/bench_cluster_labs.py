"""From the click to a lab that answers: ours, KubeSpawner's, and a bare pod that kubectl applies."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
from counting import COUNTED, Counted
from deployed.observer import Observer, observing
from deployed.site import NAMESPACE, STOCK, Site, kubectl, namespace, pods, running
from figures import Figure, Report, quantiles

pytestmark = pytest.mark.timeout(3600)

ROUNDS = int(os.environ.get("URANIBORG_BENCH_ROUNDS", "20"))
OVERHEAD = {50: 0.15, 95: 0.4}
"""Seconds that our start may take beyond a bare pod's, by percentile."""
KNOWN = 0.1
"""Seconds after which the hub is to know of a stage."""
FILLED_IN = ("nodeName", "serviceAccount", "priority", "preemptionPolicy")
"""Fields of a pod that the cluster writes."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one start took."""

    seconds: float
    """From the click to the page's last word."""
    processor: float
    """Processor seconds of the hub."""
    requests: int
    """The hub's requests to the API server."""
    arrived: dict[str, float]
    """When the page was told of each stage, as wall-clock time; empty for KubeSpawner."""


@dataclass
class Hub:
    """One of the hubs, with one user's browser."""

    site: Site
    browser: httpx.Client
    user: str
    counted: Counted
    taken: list[Taken] = field(default_factory=list)

    def start(self) -> Taken:
        """Start the lab once."""
        (processor, requests), began = self.counted.now(), time.time()
        page = self.browser.get("/hub/spawn")
        assert "progress-message" in page.text, page.text
        arrived: dict[str, float] = {}
        event: dict[str, Any] = {}
        for event in self.site.stream(self.browser, self.user):
            arrived = {each["name"]: time.time() for each in event.get("stages", ())} | arrived
        assert event.get("ready"), event
        seconds, now = time.time() - began, self.counted.now()
        return Taken(seconds=seconds, processor=now[0] - processor, requests=now[1] - requests, arrived=arrived)

    def stop(self) -> None:
        """End the lab."""
        self.site.stop(self.browser, self.user)


@pytest.fixture(scope="module")
def hubs(pushed: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hub, Hub]]:
    """Our hub and one with KubeSpawner, both up, with the same pods."""
    found = []
    with ExitStack() as stack:
        stack.enter_context(namespace())
        for user, own in (("brahe", ""), ("kepler", STOCK)):
            home = tmp_path_factory.mktemp("site")
            config = own + COUNTED.format(file=str(home / "requests"))
            site = stack.enter_context(running(home, pushed["lab"], config=config))
            counted = Counted(process=psutil.Process(site.processes[1].pid), requests=home / "requests")
            found.append(Hub(site, stack.enter_context(site.sign_in(user)), user, counted))
        yield found[0], found[1]


def bare(lab: dict[str, Any], number: int) -> dict[str, Any]:
    """Give the pod of a lab for kubectl to apply, under another name, so that no hub minds it."""
    spec = {name: value for name, value in lab["spec"].items() if name not in FILLED_IN}
    metadata = {"name": f"bare-{number}", "namespace": NAMESPACE, "labels": {"benchmark": "bare"}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def alone(pod: dict[str, Any], observer: Observer) -> float:
    """Give the seconds from kubectl's start until a bare pod answers."""
    began = time.time()
    kubectl("apply", "-f", "-", text=json.dumps(pod))
    answered = observer.wait(pod["metadata"]["name"])
    kubectl("delete", "pod", "-n", NAMESPACE, pod["metadata"]["name"], "--grace-period=1", "--wait=true")
    return answered - began


def test_labs(hubs: tuple[Hub, Hub], report: Report) -> None:
    """Starts of all three in turn, the image present and the folder made; URANIBORG_BENCH_ROUNDS of each."""
    ours, stock = hubs
    lab = f"lab-{ours.user}"
    names = [lab, *(f"bare-{number}" for number in range(ROUNDS))]
    peers: list[float] = []
    late: dict[str, list[float]] = {"started": [], "answering": []}
    with observing(Observer(NAMESPACE, dict.fromkeys(names, f":8888/user/{ours.user}/api"))) as observer:
        for hub in hubs:
            hub.start()
            hub.stop()
        for number in range(ROUNDS):
            observer.forget(lab)
            ours.taken.append(taken := ours.start())
            known = {"started": observer.running[lab], "answering": observer.wait(lab)}
            for stage, moment in known.items():
                late[stage].append(taken.arrived[stage] - moment)
            (pod,) = pods(ours.user)
            ours.stop()
            peers.append(alone(bare(pod, number), observer))
            stock.taken.append(stock.start())
            stock.stop()
    tell(report, [each.taken for each in hubs], peers, late)


def tell(report: Report, hubs: list[list[Taken]], peers: list[float], late: dict[str, list[float]]) -> None:
    """Report the figures of all starts."""
    ours, stock = ([each.seconds for each in taken] for taken in hubs)
    report.add(*quantiles("cluster.lab.ready", ours, "KubeSpawner 7.1, same pod", stock, {50: "faster", 95: "faster"}))
    beyond = {each: f"at most {limit} s beyond" for each, limit in OVERHEAD.items()}
    report.add(*quantiles("cluster.lab.ready", ours, "bare pod by kubectl", peers, beyond))
    for each in OVERHEAD:
        more = np.percentile(ours, each) - np.percentile(peers, each)
        report.note(f"Beyond a bare pod at p{each}: {more:+.2f} s.")
    for stage, seconds in late.items():
        median, high = np.percentile(seconds, (50, 95))
        report.note(
            f"The page knows that a lab is {stage} {median:.3f} s (p50), {high:.3f} s (p95; asked: {KNOWN}) later."
        )
    for name in ("processor", "requests"):
        mine, theirs = (float(np.mean([getattr(each, name) for each in taken])) for taken in hubs)
        unit = "s" if name == "processor" else ""
        report.add(
            Figure(name=f"cluster.lab.hub_{name}", unit=unit, ours=mine, peer="KubeSpawner, a start", theirs=theirs)
        )
