"""The hub dies while labs run and one starts: what their users lose."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest
from deployed import faults
from deployed.waiting import probing, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deployed.figures import Figures
    from deployed.person import Person
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

LABS = 20
AT_ONCE = 5
"""Labs that start at one time: the test is of those that run."""
BACK_SECONDS = 180
SIBLINGS = ("proxy", "portal", "pools", "cull", "operator", "postgresql")
"""What a death of the hub must not touch."""


@pytest.fixture(scope="module")
def people(platform: Platform) -> Iterator[list[Person]]:
    """Users with labs that run."""
    people = [platform.sign_in(f"observer-{number:02}") for number in range(LABS)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda person: person.have_lab(), people))
    yield people
    until(lambda: hub_answers(platform), BACK_SECONDS, "The hub answers")
    for person in people:
        person.stop_lab()


def running(platform: Platform) -> dict[str, str]:
    """The labs' pods by name, with their identity."""
    pods = platform.cluster.objects("pods", platform.labs, "app.kubernetes.io/component=lab")
    return {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in pods}


def processes(platform: Platform) -> set[tuple[str, int]]:
    """Identity and restarts of the hub's siblings."""
    pods = [pod for component in SIBLINGS for pod in platform.pods(component)]
    return {(pod["metadata"]["uid"], pod["status"]["containerStatuses"][0]["restartCount"]) for pod in pods}


def hub_answers(platform: Platform) -> bool:
    """Whether the hub is there."""
    return httpx.get(f"{platform.url}hub/health", timeout=5, trust_env=False).status_code == 200


def ready(person: Person) -> bool:
    """Whether the hub says that the user's lab runs, and its address leads to it.

    A hub that has restarted adds the route of a lab that came up meanwhile a moment after it says so.
    """
    server = person.ask("GET", f"hub/api/users/{person.name}").json()["servers"].get("")
    return bool(server and server["ready"]) and person.lab("api/status").status_code == 200


@pytest.mark.parametrize("way", faults.WAYS)
def test_labs_work_on_and_are_found_again_when_the_hub_died(
    platform: Platform, people: list[Person], figures: Figures, way: str
) -> None:
    kernels = {person.name: person.kernel() for person in people[:3]}
    for person in people[:3]:
        person.run("seen = ['Tycho', 'Kepler']", kernel=kernels[person.name])
    for person in people:
        assert person.lab("api/status").status_code == 200
    pods, siblings = running(platform), processes(platform)
    assert len(pods) == LABS
    turns = iter(people * 100)
    with probing(lambda: "" if (answer := next(turns).lab("api/status")).is_success else str(answer)) as labs:
        faults.WAYS[way](platform.cluster, platform.pods("hub")[0])
        down = until(lambda: not hub_answers(platform), 30, "The hub is gone")
        for person in people[:3]:
            assert person.run("seen", kernel=kernels[person.name]).value == "['Tycho', 'Kepler']"
        up = until(lambda: hub_answers(platform), BACK_SECONDS, "The hub answers")
        known = until(lambda: all(map(ready, people)), BACK_SECONDS, "The hub knows all labs")
    figures.say("seconds without the hub", down + up)
    figures.say("seconds more until it knew all labs", known)
    figures.say("requests to labs meanwhile", len(labs.good) + len(labs.bad))
    figures.say("of them failed", len(labs.bad))
    assert not labs.said
    assert running(platform) == pods
    assert processes(platform) == siblings
    for person in people[:3]:
        assert person.run("seen", kernel=kernels[person.name]).value == "['Tycho', 'Kepler']"
    for person in people:
        page = person.browser.get(f"user/{person.name}/lab")
        assert page.status_code == 200 and "jupyter-config-data" in page.text
    assert platform.sign_in("newcomer").ask("GET", "hub/api/user").status_code == 200


def test_a_start_under_way_when_the_hub_was_killed_goes_on_or_is_offered_again(
    platform: Platform, figures: Figures
) -> None:
    person = platform.sign_in("brahe")
    asked = person.ask("POST", f"hub/api/users/{person.name}/server", {})
    assert asked.status_code == 202, asked.text
    until(lambda: platform.lab_pods(person.name), 30, "The lab's pod is there")
    faults.kill(platform.cluster, *platform.pods("hub"))
    until(lambda: not hub_answers(platform), 30, "The hub is gone")
    until(lambda: hub_answers(platform), BACK_SECONDS, "The hub answers")
    page = person.browser.get(f"hub/spawn-pending/{person.name}")
    found = "jupyter-config-data" in page.text or "progress-message" in page.text
    figures.say("after the hub's return the page", "leads to the lab" if found else "offers a new start")
    assert found or f"hub/spawn/{person.name}" in page.text, page.text
    until(lambda: ready(person) or person.have_lab() or ready(person), BACK_SECONDS, "The lab runs")
    assert person.run("6 * 7").value == "42"
    (pod,) = platform.lab_pods(person.name)
    assert faults.ready(pod)
    platform.end_lab(person)
