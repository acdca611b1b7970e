"""Asynchronous queries belong to all replicas: any tells of them, ends them, and takes up what another one left."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from conftest import Replica, Site

pytestmark = pytest.mark.timeout(300)

BRIGHT = "SELECT TOP 3 hip, ra, dec FROM hipparcos ORDER BY vmag"
LONG = "SELECT COUNT(*) AS n FROM hipparcos AS a CROSS JOIN hipparcos AS b WHERE SIN(a.ra * b.dec + a.vmag) > 2"
WORKER = "uraniborg_portal.engine.worker"
TYCHO = {"x-user": "tycho"}


def made(replica: Replica, query: str) -> str:
    """The path of a query that is to run."""
    given = {"LANG": "ADQL", "QUERY": query, "PHASE": "RUN", "FORMAT": "csv"}
    answer = replica.client.post("tap/async", data=given, headers=TYCHO)
    assert answer.status_code == 303, answer.text
    return f"tap/async/{answer.headers['location'].rpartition('/')[2]}"


def phase(replica: Replica, path: str) -> str:
    """The phase of a query."""
    return replica.client.get(f"{path}/phase", headers=TYCHO).text


def left(replica: Replica, path: str, *phases: str) -> str:
    """The phase of a query once it is in none of these."""
    while (now := phase(replica, path)) in phases:
        replica.client.get(path, params={"WAIT": "10", "PHASE": now}, headers=TYCHO)
    return now


def test_what_one_made_all_have(site: Site) -> None:
    first, second = site.replicas(2)
    path = made(first, BRIGHT)
    assert left(second, path, "QUEUED", "EXECUTING") == "COMPLETED"
    for replica in (first, second):
        result = replica.client.get(f"{path}/results/result", headers=TYCHO)
        assert [line.split(",")[0] for line in result.text.splitlines()[1:]] == ["32349", "30438", "69673"]
    assert second.client.delete(path, headers=TYCHO).status_code == 303
    assert first.client.get(f"{path}/results/result", headers=TYCHO).status_code == 404


def busy(replica: Replica) -> list[psutil.Process]:
    """The query workers of a replica that use the processor."""
    workers = [each for each in psutil.Process(replica.process.pid).children() if WORKER in each.cmdline()]
    return [each for each in workers if each.cpu_percent(0.2) > 20]


def at_work(site: Site, path: str) -> tuple[Replica, list[psutil.Process]]:
    """The replica whose worker answers the only query that runs, and that worker."""
    while True:
        assert phase(site.replicas(2)[0], path) in ("QUEUED", "EXECUTING")
        for replica in site.replicas(2):
            if workers := busy(replica):
                return replica, workers


def test_a_query_is_aborted_from_any_replica(site: Site) -> None:
    first, second = site.replicas(2)
    path = made(first, LONG)
    runner, workers = at_work(site, path)
    other = second if runner is first else first
    assert other.client.post(f"{path}/phase", data={"PHASE": "ABORT"}, headers=TYCHO).status_code == 303
    assert {phase(first, path), phase(second, path)} == {"ABORTED"}
    assert psutil.wait_procs(workers, timeout=1)[1] == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_query_of_a_replica_that_ended_is_taken_up_by_another(site: Site, number: signal.Signals) -> None:
    first, second = site.replicas(2)
    path = made(first, LONG)
    runner, workers = at_work(site, path)
    other = second if runner is first else first
    runner.kill(number)
    assert psutil.wait_procs(workers, timeout=20)[1] == []
    while not busy(other):
        assert phase(other, path) in ("QUEUED", "EXECUTING")
    assert phase(other, path) == "EXECUTING"
    assert other.client.delete(path, headers=TYCHO).status_code == 303


@pytest.mark.parametrize(
    "query", ["SELECT \0", "SELECT 'a\0b' FROM nowhere", 'SELECT "\0" FROM hipparcos', "SELECT \U0001f600"]
)
def test_every_query_ends_whatever_characters_it_has(site: Site, query: str) -> None:
    first, second = site.replicas(2)
    path = made(first, query)
    assert left(second, path, "QUEUED", "EXECUTING") == "ERROR"
    assert first.client.get(f"{path}/error", headers=TYCHO).status_code == 200
