"""People who ask the portal, and once more where no good answer came."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from deployed import crowd
from deployed.crowd import ROWS, Crowd, Visitor
from deployed.waiting import until

Handler = Callable[[httpx.Request], httpx.Response]


def visitor(handler: Handler) -> Visitor:
    """Someone whose requests a function answers."""
    http = httpx.Client(base_url="http://portal/", transport=httpx.MockTransport(handler))
    return Visitor(http=http)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody thinks or waits."""
    monkeypatch.setattr(crowd, "AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(crowd, "THINK_SECONDS", 0.0)


@pytest.mark.parametrize(
    ("codes", "good", "again", "failed"),
    [([200], 1, 0, 0), ([503, 200], 1, 1, 0), ([503, 503], 0, 1, 1), ([404], 0, 0, 1), ([502, 404], 0, 1, 1)],
)
def test_a_request_is_sent_twice_at_most(codes: list[int], good: int, again: int, failed: int) -> None:
    answers = iter(codes)
    someone = visitor(lambda _: httpx.Response(next(answers)))
    someone.ask("GET", "catalogs")
    assert (someone.good, len(someone.again), len(someone.failed)) == (good, again, failed)
    assert someone.asked == 1
    assert not list(answers)


def test_a_connection_that_breaks_is_tried_again() -> None:
    broken = iter([True, False])

    def answer(request: httpx.Request) -> httpx.Response:
        if next(broken):
            raise httpx.RemoteProtocolError("Server disconnected", request=request)
        return httpx.Response(200)

    someone = visitor(answer)
    assert someone.ask("GET", "catalogs") is not None
    assert "Server disconnected" in someone.again[0][1]


@pytest.mark.parametrize(("rows", "failed"), [(ROWS, False), (ROWS - 1, True)])
def test_a_crowd_works_until_the_block_ends_and_wrong_rows_are_failures(rows: int, failed: bool) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"id": "r", "rows": [[1]] * rows})

    people = Crowd(visitors=[visitor(answer), visitor(answer)])
    people.visitors[0].job = "j"
    with people.at_work():
        until(lambda: people.asked > 20, 30, "Twenty requests")
    asked = people.asked
    assert asked == people.asked
    assert not people.again
    assert bool(people.failed) == failed
    assert people.slowest > 0
