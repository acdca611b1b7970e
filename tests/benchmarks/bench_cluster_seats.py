"""A hundred seats asked for at once: until the hub has marked all of them ready, on nodes that kwok plays."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest
from counting import COUNTED, Counted
from deployed.cluster import Cluster
from deployed.fake_nodes import KIND, LAB_PORT, PODS_PER_NODE, fake_nodes
from deployed.site import STOCK, Site, namespace, running
from figures import Figure, Report, quantiles

pytestmark = pytest.mark.timeout(7200)

ROUNDS = int(os.environ.get("URANIBORG_BENCH_ROUNDS", "20"))
STOCK_EVERY = 5
"""KubeSpawner's rounds take minutes, and nothing is asked of us beside them."""
SEATS = 100
DELAY = 2.0
"""Seconds after which kwok lets a pod run, from when it hears of it."""
IMAGE = "nowhere.invalid/lab:1"
"""No machine fetches it."""
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 60
ROUTED = "Adding route /user/"
TOKEN = "a-token-of-the-benchmark-alone"
SETTINGS = f"""
c = globals()["c"]
c.JupyterHub.concurrent_spawn_limit = 0
c.JupyterHub.services = [*c.JupyterHub.services, {{"name": "seats", "api_token": "{TOKEN}"}}]
scopes = ["admin:users", "admin:servers"]
c.JupyterHub.load_roles = [*c.JupyterHub.load_roles, {{"name": "seats", "services": ["seats"], "scopes": scopes}}]
"""
PODS = f"""
c.KubeSpawner.node_selector = {KIND!r}
c.KubeSpawner.k8s_api_request_timeout = 30
"""
FAKE = f"""
import asyncio, json, re
from pathlib import Path
from jupyterhub.spawner import Spawner

class Fake(Spawner):
    runs = False

    async def start(self):
        delays = json.loads(Path("DELAYS").read_text())
        await asyncio.sleep(delays[int(re.sub("[^0-9]", "", self.user.name)) % len(delays)])
        self.runs = True
        return "127.0.0.1", {LAB_PORT}

    async def stop(self, now=False):
        self.runs = False

    async def poll(self):
        return None if self.runs else 0

c.JupyterHub.spawner_class = Fake
"""
"""Its delays are in a file beside the configuration, a number for each seat."""
HUBS = {"ours": PODS, "bare": FAKE, "bare, 2 s": FAKE, "KubeSpawner": PODS + STOCK}
RECORD = re.compile(r"^\[I (\S+ \S+) .*Start of the lab of (\S+): (\{.*\})$", re.MULTILINE)


@dataclass
class Hub:
    """One of the hubs, by its API."""

    name: str
    site: Site
    api: httpx.Client
    counted: Counted
    ready: list[float] = field(default_factory=list)
    """Seconds until all seats were ready, a round each."""
    used: list[tuple[float, int]] = field(default_factory=list)
    """Processor seconds and requests to the API server, a round each."""

    failed: int = 0
    """Seats that did not become ready."""

    @property
    def seats(self) -> list[str]:
        """The users who ask this hub for a seat."""
        return [f"{''.join(filter(str.isalpha, self.name)).lower()}{seat}" for seat in range(SEATS)]

    def names(self, state: str) -> set[str]:
        """Give the users whose servers are in a state; `active` is ready or pending."""
        return {user["name"] for user in self.api.get("/users", params={"state": state, "limit": 200}).json()}

    def routed(self) -> int:
        """Give how many routes to servers the proxy was given so far, by its log: a question costs the hub 20 ms."""
        return self.site.log.count(ROUTED)

    def round(self, pool: ThreadPoolExecutor) -> None:
        """Ask for all seats at once, wait until all are ready or have failed, and end them."""
        routed = self.routed()
        before, began = self.counted.now(), time.monotonic()
        asked = [pool.submit(self.api.post, f"/users/{seat}/server") for seat in self.seats]
        while self.routed() - routed < SEATS and time.monotonic() - began < PATIENCE_SECONDS:
            time.sleep(LOOK_SECONDS)
        while not all(answer.done() for answer in asked) or self.names("active") != self.names("ready"):
            time.sleep(LOOK_SECONDS)
        self.ready.append(time.monotonic() - began)
        now, there = self.counted.now(), self.names("ready")
        self.used.append((now[0] - before[0], now[1] - before[1]))
        self.failed += SEATS - len(there)
        for done in [pool.submit(self.api.delete, f"/users/{seat}/server") for seat in there]:
            assert done.result().status_code in {202, 204}
        while self.names("active"):
            time.sleep(LOOK_SECONDS)


def delays(hub_log: str, kwok_log: str) -> list[float]:
    """Give, for each start that our hub's log tells of, how long after it was made its pod ran, by kwok's log.

    What comes after that (the hub hears of it, the server answers, the route is open) is not part of it.
    """
    ran = {}
    for line in kwok_log.splitlines():
        if '"msg":"Patch pod"' in line:
            told = json.loads(line)
            ran[told["pod"].rpartition("/lab-")[2]] = datetime.fromisoformat(told["time"])
    found = []
    for ended, seat, record in RECORD.findall(hub_log):
        seconds = json.loads(record)["seconds"]
        made = datetime.fromisoformat(ended).astimezone() - timedelta(seconds=sum(seconds.values()) - seconds["queued"])
        found.append((ran[seat] - made).total_seconds())
    return found


@dataclass
class Sites:
    """All hubs, and kwok's log."""

    hubs: dict[str, Hub]
    kwok: Path


@pytest.fixture(scope="module")
def sites(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Our hub, JupyterHub with servers that are nothing but a delay (twice), and our hub with KubeSpawner."""
    with ExitStack() as stack:
        stack.enter_context(namespace())
        folder = tmp_path_factory.mktemp("kwok")
        # Room for all hubs' seats at once: a seat that ends keeps its place for a moment.
        nodes = -(-SEATS * len(HUBS) // PODS_PER_NODE)
        stack.enter_context(fake_nodes(cluster, folder, nodes, DELAY))
        found = {}
        for name, own in HUBS.items():
            home = tmp_path_factory.mktemp("site")
            (home / "delays").write_text(json.dumps([DELAY]))
            requests = home / "requests"
            config = SETTINGS + own.replace("DELAYS", str(home / "delays")) + COUNTED.format(file=str(requests))
            site = stack.enter_context(running(home, IMAGE, config=config, bare=own is FAKE))
            head = {"Authorization": f"token {TOKEN}"}
            api = httpx.Client(base_url=f"{site.url}/hub/api", headers=head, timeout=120, trust_env=False)
            counted = Counted(process=psutil.Process(site.processes[1].pid), requests=requests)
            found[name] = Hub(name=name, site=site, api=stack.enter_context(api), counted=counted)
        yield Sites(hubs=found, kwok=folder / "kwok.log")


def test_seats(sites: Sites, report: Report) -> None:
    """Rounds of all hubs in turn; URANIBORG_BENCH_ROUNDS of each, of KubeSpawner a fifth.

    A bare hub's servers take as long as the pods of our hub's last round took, or the two seconds that kwok was told.
    """
    ours, bare, nominal, stock = (sites.hubs[name] for name in HUBS)
    pods = []
    with ThreadPoolExecutor(SEATS) as pool:
        for hub in sites.hubs.values():
            assert hub.api.post("/users", json={"usernames": hub.seats}).status_code == 201
        for number in range(ROUNDS):
            told = len(ours.site.log)
            ours.round(pool)
            took = delays(ours.site.log[told:], sites.kwok.read_text())
            (bare.site.home / "delays").write_text(json.dumps(took))
            pods += took
            bare.round(pool)
            nominal.round(pool)
            if number % STOCK_EVERY == 0:
                stock.round(pool)
    asked = {50: "ratio at most 1.2", 95: "ratio at most 1.2"}
    same = "JupyterHub, servers of the same delays"
    report.add(*quantiles("cluster.seats.ready", ours.ready, same, bare.ready, asked))
    report.add(*quantiles("cluster.seats.ready", ours.ready, "JupyterHub, servers of 2 s", nominal.ready))
    report.add(*quantiles("cluster.seats.ready", ours.ready, "KubeSpawner 7.1", stock.ready))
    report.note(f"Pods ran {np.median(pods):.2f} s after they were made, {np.quantile(pods, 0.95):.2f} s at p95.")
    for name, hub in sites.hubs.items():
        report.note(f"{name}: {hub.failed} of {len(hub.ready) * SEATS} seats failed.")
    for number, (name, unit) in enumerate((("processor", "s"), ("requests", ""))):
        for peer, hub in (("KubeSpawner 7.1, a seat", stock), ("JupyterHub, a seat", bare)):
            mine, theirs = (float(np.mean([each[number] for each in one.used])) / SEATS for one in (ours, hub))
            report.add(Figure(name=f"cluster.seats.hub_{name}", unit=unit, ours=mine, peer=peer, theirs=theirs))
