"""Replicas of the portal lose nothing: jobs, events and files are those of all, whichever process comes or goes."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from conftest import PostgreSQL, Replica, Site

pytestmark = pytest.mark.timeout(600)


def states(events: list[tuple[int, str, dict[str, Any]]]) -> list[str]:
    """The states that a job went through."""
    return [data["state"] for _, kind, data in events if kind == "state"]


def until_half(replica: Replica, job: str) -> int:
    """Wait until a job's instrument runs; gives the number of the event that says so."""
    for number, _, data in replica.events(job):
        if data.get("text") == "Half":
            return number
    raise AssertionError("the job ended")


def owner_of(job: str, site: Site) -> tuple[Replica, Replica]:
    """The replica that runs a job, and another one."""
    replicas = site.replicas(2)
    until_half(replicas[0], job)
    running = site.runs(job)
    return running, next(each for each in replicas if each is not running)


def test_replicas_that_start_at_once_on_an_empty_database_all_start(site: Site) -> None:
    for replica in site.replicas(2):
        assert replica.get("ready").json() == {"status": "ready", "database": "answers"}


def test_what_one_made_all_have(site: Site) -> None:
    first, second = site.replicas(2)
    job = first.start(hour=1)
    events = list(second.events(job["id"]))
    assert [number for number, _, _ in events] == list(range(1, len(events) + 1))
    assert states(events) == ["queued", "running", "done"]
    assert list(first.events(job["id"], after=events[-2][0])) == events[-1:]
    product = second.get(f"jobs/{job['id']}").json()["product"]
    assert second.start(user="sophie", hour=1)["product"] == product
    for replica in (first, second):
        whole = replica.get(f"products/{product}/files/hour.txt")
        part = replica.get(f"products/{product}/files/hour.txt", range="bytes=1-1")
        assert (whole.text, part.status_code, part.text) == ("1.0", 206, ".")
        assert part.headers["content-range"] == "bytes 1-1/3"
        assert replica.get(f"products/{product}/view").json()
    answer = first.post("queries", {"adql": "SELECT TOP 3 * FROM hipparcos"})
    rows = second.get(f"queries/{answer.json()['id']}/rows").json()
    assert rows["total"] == 3


def test_a_job_is_cancelled_from_any_replica(site: Site) -> None:
    replicas = site.replicas(2)
    job = replicas[0].start(mood="hangs", hour=2)
    runner, other = owner_of(job["id"], site)
    working = set(runner.workers())
    begun = time.monotonic()
    assert other.post(f"jobs/{job['id']}/cancel").json()["state"] == "cancelled"
    while working & set(runner.workers()):
        assert time.monotonic() - begun < 10
    assert states(list(runner.events(job["id"])))[-1] == "cancelled"
    assert other.post(f"jobs/{job['id']}/cancel").status_code == 409


def test_two_replicas_that_are_asked_for_the_same_make_it_once_and_limits_count_rows(site: Site) -> None:
    site.gate.unlink(missing_ok=True)
    replicas = site.replicas(2)
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda each: replicas[each % 2].start(mood="waits", hour=3), range(8)))
        assert len({job["id"] for job in asked}) == 1
        others = list(pool.map(lambda each: replicas[each % 2].start(f"u{each}", mood="waits", hour=3), range(4)))
        answers = pool.map(
            lambda each: replicas[each % 2].post("instruments/sundial/jobs", {"mood": "hangs", "hour": each}), range(8)
        )
        assert sorted(answer.status_code for answer in answers) == [202] * 3 + [429] * 5
    for job in replicas[0].get("jobs").json():
        if job["parameters"]["mood"] == "hangs" and job["state"] in ("queued", "running"):
            assert replicas[1].post(f"jobs/{job['id']}/cancel").status_code == 200
    site.gate.touch()
    made = {list(replicas[0].events(asked[0]["id"]))[-1][2]["product"]}
    made |= {list(replicas[1].events(job["id"], job_owner))[-1][2]["product"] for job, job_owner in owners(others)}
    assert len(made) == 1
    runs = [job for job in replicas[0].get("jobs").json() if job["product"] in made]
    assert len(runs) == 1


def owners(jobs: list[dict[str, Any]]) -> list[tuple[dict[str, Any], str]]:
    """Each job with who asked for it."""
    return [(job, f"u{number}") for number, job in enumerate(jobs)]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGKILL, "The portal's replica that ran this job was lost; the job is taken up again."),
        (signal.SIGTERM, "The portal is restarted; the job is taken up again."),
    ],
)
def test_a_job_of_a_replica_that_ended_is_taken_up_by_another(site: Site, number: signal.Signals, words: str) -> None:
    site.gate.unlink(missing_ok=True)
    replicas = site.replicas(2)
    job = replicas[0].start(mood="waits", hour=4 + number)
    runner, other = owner_of(job["id"], site)
    working = runner.workers()
    runner.kill(number)
    events = []
    for event in other.events(job["id"]):
        events.append(event)
        if event[2].get("message") == words:
            site.gate.touch()
    assert states(events) == ["queued", "running", "queued", "running", "done"]
    assert [event[0] for event in events] == list(range(1, len(events) + 1))
    assert working
    made = other.get(f"jobs/{job['id']}").json()["product"]
    product = other.get(f"products/{made}").json()
    assert product["facts"][0]["value"] == 4 + number


@dataclass
class Clients:
    """Twenty clients who ask replicas in turn, without a pause, and ask another one once when one does not answer."""

    urls: list[str]
    stop: threading.Event = field(default_factory=threading.Event)
    served: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)

    def ask(self, client: httpx.Client, number: int) -> int:
        """The status of one request."""
        status = 599
        for url in (self.urls[number % 2], self.urls[(number + 1) % 2]):
            with contextlib.suppress(httpx.TransportError):
                status = client.get(f"{url}api/jobs", headers={"x-user": "tycho"}).status_code
            if status < 500:
                break
        return status

    def loop(self, number: int) -> None:
        """Ask until told to stop."""
        with httpx.Client(trust_env=False, timeout=30) as client:
            while not self.stop.is_set():
                number += 1
                status = self.ask(client, number)
                (self.served if status == 200 else self.failed).append(status)

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Ask beside what the test does."""
        threads = [threading.Thread(target=self.loop, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        yield
        self.stop.set()
        for thread in threads:
            thread.join()

    def served_more(self, count: int) -> None:
        """Wait until so many more requests are answered, or one has failed."""
        until = len(self.served) + count
        while len(self.served) < until and not self.failed:
            self.stop.wait(0.01)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_twenty_clients_see_no_failed_request_when_a_replica_ends(site: Site, number: signal.Signals) -> None:
    replicas = site.replicas(2)
    clients = Clients([str(replica.client.base_url) for replica in replicas])
    with clients.asking():
        clients.served_more(200)
        replicas[0].kill(number)
        clients.served_more(200)
    assert not clients.failed


def test_a_database_that_is_gone_for_a_while_loses_nothing(site: Site, postgresql: PostgreSQL) -> None:
    site.gate.unlink(missing_ok=True)
    replicas = site.replicas(2)
    job = replicas[0].start(mood="waits", hour=5)
    number = until_half(replicas[1], job["id"])
    events, heard = [], threading.Event()

    def follow() -> None:
        for event in replicas[1].events(job["id"], after=number - 1):
            events.append(event)
            heard.set()

    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(follow)
        assert heard.wait(60)
        postgresql.stop()
        try:
            for replica in replicas:
                refused = replica.get("jobs")
                assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
                assert refused.json()["message"].startswith("The portal's database does not answer now")
                assert replica.get("health").status_code == 200
                while replica.get("ready").json()["database"] == "answers":
                    assert replica.process.poll() is None
                assert replica.post("instruments/sundial/jobs", {"hour": 6}).status_code == 503
            site.gate.touch()
        finally:
            postgresql.start()
        following.result(120)
    assert states(events)[-1] == "done"
    assert [each for each, _, _ in events] == list(range(number, number + len(events)))
    for replica in replicas:
        assert replica.get("jobs").status_code == 200
    assert states(list(replicas[1].events(replicas[0].start(hour=6)["id"])))[-1] == "done"
