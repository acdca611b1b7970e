"""PostgreSQL is gone for a minute: what works on, what is said, and what is there again afterwards."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from deployed import faults
from deployed.waiting import until
from deployed.work import QUERIES, Work, query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deployed.figures import Figures
    from deployed.person import Person
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1200)]

OUTAGE_SECONDS = 60
BACK_SECONDS = 60
DATABASE = "statefulset/uraniborg-postgresql"
MAKE = """
import uraniborg as ub
pool = ub.Pool(workers=2)
pool.wait_for_workers(2, 120)
kept = pool.scatter(list(range(1000)))
"""
COMPUTE = "pool.submit(sum, kept, pure=False).result(60)"


@pytest.fixture(scope="module")
def work(platform: Platform) -> Iterator[Work]:
    """A user with a lab, a pool that holds data, and a kept result."""
    person = platform.sign_in("tycho")
    person.have_lab()
    kernel = person.kernel()
    assert person.run(MAKE, 240, kernel=kernel).error == ""
    yield Work(person=person, kernel=kernel, result=query(person))
    person.run("pool.close()", kernel=kernel)
    person.stop_lab()


@pytest.fixture
def away(platform: Platform) -> Iterator[threading.Event]:
    """The database is gone until the test is over, or says so."""
    platform.cluster.kubectl("scale", "-n", platform.namespace, DATABASE, "--replicas=0")
    until(lambda: not platform.pods("postgresql"), 90, "The database is gone")
    yield threading.Event()
    platform.cluster.kubectl("scale", "-n", platform.namespace, DATABASE, "--replicas=1")


def alive(platform: Platform) -> dict[str, tuple[str, int]]:
    """Identity and restarts of what must survive."""
    pods = [pod for part in ("hub", "portal", "pools", "proxy") for pod in platform.pods(part)]
    pods += platform.cluster.objects("pods", platform.labs)
    return {
        pod["metadata"]["name"]: (pod["metadata"]["uid"], pod["status"]["containerStatuses"][0]["restartCount"])
        for pod in pods
    }


def looked(person: Person) -> int:
    """Give the status of the hub's answer to a question that takes knowing who asks."""
    return person.ask("GET", "hub/api/user").status_code


def words(answer: httpx.Response) -> str:
    """What an answer says, without its markup."""
    if "json" in answer.headers.get("content-type", ""):
        return str(answer.json().get("message", answer.text))
    return " ".join(answer.text.split("<main")[-1].split(">", 1)[-1].split())[:300]


def test_a_minute_without_the_database(platform: Platform, work: Work, figures: Figures) -> None:
    person, before = work.person, alive(platform)
    platform.cluster.kubectl("scale", "-n", platform.namespace, DATABASE, "--replicas=0")
    try:
        # Somebody asks all the time: whoever meets the very moment is told so, too, and not taken for a stranger.
        met: set[int] = set()
        until(lambda: met.add(looked(person)) or not platform.pods("postgresql"), 90, "The database is gone")
        minute = threading.Event()
        threading.Timer(OUTAGE_SECONDS, minute.set).start()
        assert met <= {200, 503}
        _without(platform, work, figures)
        minute.wait()
    finally:
        platform.cluster.kubectl("scale", "-n", platform.namespace, DATABASE, "--replicas=1")
    until(
        lambda: all(map(faults.ready, platform.pods("postgresql"))) and platform.pods("postgresql"), 120, "It is back"
    )
    hub = until(lambda: looked(person) == 200, BACK_SECONDS, "The hub knows its users")
    result = f"{QUERIES}/{work.result}"
    portal = until(lambda: person.ask("GET", result).status_code == 200, BACK_SECONDS, "The portal has the result")
    figures.say("seconds until the hub was well again", hub)
    figures.say("seconds more until the portal was", portal)
    assert alive(platform) == before
    assert person.ask("GET", f"{result}/rows").status_code == 200
    assert person.run(COMPUTE, kernel=work.kernel).value == "499500"
    scaled = person.run("pool.scale(3); pool.wait_for_workers(3, 90)", 120, kernel=work.kernel)
    assert scaled.error == ""
    newcomer = platform.sign_in("newcomer")
    newcomer.have_lab()
    assert newcomer.run("6 * 7").value == "42"
    newcomer.stop_lab()


def _without(platform: Platform, work: Work, figures: Figures) -> None:
    """What there is while the database is away."""
    person = work.person
    assert person.run(COMPUTE, kernel=work.kernel).value == "499500"
    assert person.lab("api/status").status_code == 200
    listed = person.ask("GET", QUERIES)
    figures.say("the portal meanwhile", f"{listed.status_code}: {words(listed)}")
    answers: dict[str, Any] = {
        "hub's API": person.ask("GET", "hub/api/user"),
        "page of the hub": person.browser.get("hub/home"),
        "new lab": person.ask("POST", f"hub/api/users/{person.name}/servers/second", {}),
    }
    for name, answer in answers.items():
        figures.say(f"{name} meanwhile", f"{answer.status_code}: {words(answer)}")
    assert listed.status_code == 503 and "database does not answer" in listed.json()["message"]
    for name, answer in answers.items():
        assert answer.status_code == 503, name
        assert "database does not answer" in answer.text, answer.text
