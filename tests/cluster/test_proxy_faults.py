"""The proxy dies while labs are open: how long they are out of reach."""

from __future__ import annotations

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

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

USERS = ("tycho", "kepler", "sophie")
BACK_SECONDS = 5.0
"""From the proxy's first answer until all routes lead to their labs again; JupyterHub's own check takes up to 300."""


@pytest.fixture(scope="module")
def people(platform: Platform) -> Iterator[list[Person]]:
    """Users with labs that run."""
    people = [platform.sign_in(name) for name in USERS]
    for person in people:
        person.have_lab()
    yield people
    for person in people:
        person.stop_lab()


def answers(url: str) -> bool:
    """Whether an address answers with success."""
    return httpx.get(url, timeout=2, trust_env=False).status_code == 200


@pytest.mark.parametrize("way", faults.WAYS)
def test_routes_are_back_after_the_proxy_died(
    platform: Platform, people: list[Person], figures: Figures, way: str
) -> None:
    kernel = people[0].kernel()
    people[0].run("planet = 'Mars'", kernel=kernel)
    addresses = [f"{person.lab_url}api" for person in people]
    until(lambda: all(map(answers, addresses)), 30, "All labs answer")
    (pod,) = platform.pods("proxy")
    with probing(lambda: "" if all(map(answers, addresses)) else "lab out of reach") as labs:
        faults.WAYS[way](platform.cluster, pod)
        down = until(lambda: not _proxy_answers(platform), 30, "The proxy is gone")
        proxy = until(lambda: _proxy_answers(platform), 120, "The proxy answers")
        routes = until(lambda: all(map(answers, addresses)), BACK_SECONDS, "All labs are back")
    figures.say("seconds from the proxy's answer to all routes", routes)
    figures.say("seconds that labs were out of reach", labs.outage)
    figures.say("seconds until the proxy answered", down + proxy)
    assert people[0].run("planet", kernel=kernel).value == "'Mars'"
    assert answers(f"{platform.url}services/portal/api/health")


def _proxy_answers(platform: Platform) -> bool:
    try:
        return answers(f"{platform.url}_chp_healthz")
    except httpx.HTTPError:
        return False
