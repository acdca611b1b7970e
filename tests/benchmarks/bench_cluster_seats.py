"""A hundred seats asked for at once: until the hub has marked all of them ready, on nodes that kwok plays."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

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
"""Seconds from a pod's place to its running container; of a fake start, all of it."""
IMAGE = "nowhere.invalid/lab:1"
"""No machine fetches it."""
LOOK_SECONDS = 0.1
TOKEN = "a-token-of-the-benchmark-alone"
SETTINGS = f"""
c = globals()["c"]
c.JupyterHub.concurrent_spawn_limit = 0
c.JupyterHub.services = [*c.JupyterHub.services, {{"name": "seats", "api_token": "{TOKEN}"}}]
scopes = ["admin:users", "admin:servers"]
c.JupyterHub.load_roles = [*c.JupyterHub.load_roles, {{"name": "seats", "services": ["seats"], "scopes": scopes}}]
c.KubeSpawner.node_selector = {KIND!r}
c.KubeSpawner.k8s_api_request_timeout = 30
"""
FAKE = f"""
import asyncio
from jupyterhub.spawner import Spawner

class Fake(Spawner):
    runs = False

    async def start(self):
        await asyncio.sleep({DELAY})
        self.runs = True
        return "127.0.0.1", {LAB_PORT}

    async def stop(self, now=False):
        self.runs = False

    async def poll(self):
        return None if self.runs else 0

c.JupyterHub.spawner_class = Fake
"""
HUBS = {"ours": "", "fake": FAKE, "KubeSpawner": STOCK}


@dataclass
class Hub:
    """One of the hubs, by its API."""

    site: Site
    api: httpx.Client
    counted: Counted
    ready: list[float] = field(default_factory=list)
    """Seconds until all seats were ready, a round each."""
    used: list[tuple[float, int]] = field(default_factory=list)
    """Processor seconds and requests to the API server, a round each."""

    failed: int = 0
    """Seats that did not become ready."""

    def names(self, state: str) -> set[str]:
        """Give the users whose servers are in a state; `active` is ready or pending."""
        return {user["name"] for user in self.api.get("/users", params={"state": state, "limit": 200}).json()}

    def round(self, seats: list[str], pool: ThreadPoolExecutor) -> None:
        """Ask for all seats at once, wait until all are ready or have failed, and end them."""
        before, began = self.counted.now(), time.monotonic()
        asked = [pool.submit(self.api.post, f"/users/{seat}/server") for seat in seats]
        while not all(answer.done() for answer in asked) or self.names("active") != self.names("ready"):
            time.sleep(LOOK_SECONDS)
        self.ready.append(time.monotonic() - began)
        now, there = self.counted.now(), self.names("ready")
        self.used.append((now[0] - before[0], now[1] - before[1]))
        self.failed += len(seats) - len(there)
        for done in [pool.submit(self.api.delete, f"/users/{seat}/server") for seat in there]:
            assert done.result().status_code in {202, 204}
        while self.names("active"):
            time.sleep(LOOK_SECONDS)


@pytest.fixture(scope="module")
def hubs(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Hub]]:
    """Our hub, one whose servers are nothing but a delay, and one with KubeSpawner."""
    with ExitStack() as stack:
        stack.enter_context(namespace())
        # Room for all hubs' seats at once: a seat that ends keeps its place for a moment.
        nodes = -(-SEATS * len(HUBS) // PODS_PER_NODE)
        stack.enter_context(fake_nodes(cluster, tmp_path_factory.mktemp("kwok"), nodes, DELAY))
        found = {}
        for name, own in HUBS.items():
            home = tmp_path_factory.mktemp("site")
            requests = home / "requests"
            config = SETTINGS + own + COUNTED.format(file=str(requests))
            site = stack.enter_context(running(home, IMAGE, config=config))
            head = {"Authorization": f"token {TOKEN}"}
            api = httpx.Client(base_url=f"{site.url}/hub/api", headers=head, timeout=120, trust_env=False)
            counted = Counted(process=psutil.Process(site.processes[1].pid), requests=requests)
            found[name] = Hub(site=site, api=stack.enter_context(api), counted=counted)
        yield found


def test_seats(hubs: dict[str, Hub], report: Report) -> None:
    """Rounds of all hubs in turn; URANIBORG_BENCH_ROUNDS of each, of KubeSpawner a fifth."""
    with ThreadPoolExecutor(SEATS) as pool:
        for number, (name, hub) in enumerate(hubs.items()):
            seats = [f"{name.lower()}{seat}" for seat in range(SEATS)]
            assert hub.api.post("/users", json={"usernames": seats}).status_code == 201, number
        for number in range(ROUNDS):
            for name, hub in hubs.items():
                if name == "KubeSpawner" and number % STOCK_EVERY:
                    continue
                hub.round([f"{name.lower()}{seat}" for seat in range(SEATS)], pool)
    ours, fake, stock = (hubs[name] for name in HUBS)
    asked = {50: "ratio at most 1.2", 95: "ratio at most 1.2"}
    report.add(*quantiles("cluster.seats.ready", ours.ready, "a hub with a fake spawner", fake.ready, asked))
    report.add(*quantiles("cluster.seats.ready", ours.ready, "KubeSpawner 7.1", stock.ready))
    for name, hub in hubs.items():
        report.note(f"{name}: {hub.failed} of {len(hub.ready) * SEATS} seats failed.")
    for number, (name, unit) in enumerate((("processor", "s"), ("requests", ""))):
        mine, theirs = (float(np.mean([each[number] for each in hub.used])) / SEATS for hub in (ours, stock))
        peer = "KubeSpawner 7.1, a seat"
        report.add(Figure(name=f"cluster.seats.hub_{name}", unit=unit, ours=mine, peer=peer, theirs=theirs))
