"""Steps of scans take turns in sweeps around the sky."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest

from uraniborg_portal.engine.lane import ScanLane
from uraniborg_portal.engine.plan import Place

NOTHING = pa.table({})


def run_in_turn(first: Place, others: Sequence[Place], forget: Sequence[Place] = ()) -> list[Place]:
    """The order in which a lane for one step at a time runs others that come while the first runs."""
    lane, ran, begun, go = ScanLane(1), list[Place](), threading.Event(), threading.Event()

    def work(place: Place) -> Callable[[], pa.Table]:
        def run() -> pa.Table:
            ran.append(place)
            begun.set()
            assert go.wait(20)
            return NOTHING

        return run

    answers = {first: lane.submit(first, work(first))}
    assert begun.wait(20)
    answers |= {place: lane.submit(place, work(place)) for place in others}
    for place in forget:
        assert answers.pop(place).cancel()
    go.set()
    for answer in answers.values():
        assert answer.result(timeout=20) is NOTHING
    return ran


def at(catalog: str, *starts: int) -> list[Place]:
    return [Place(catalog=catalog, start=start) for start in starts]


def test_the_next_step_is_the_nearest_ahead_and_those_behind_come_in_the_next_round() -> None:
    (first,) = at("sky", 50)
    assert run_in_turn(first, at("sky", 0, 90, 40, 60, 70)) == [first, *at("sky", 60, 70, 90, 0, 40)]


def test_catalogs_take_turns() -> None:
    (first,) = at("a", 0)
    ran = run_in_turn(first, [*at("a", 1, 2, 3), *at("b", 7, 8)])
    assert ran == [first, *at("b", 7), *at("a", 1), *at("b", 8), *at("a", 2, 3)]


def test_what_is_no_longer_wanted_is_passed_over() -> None:
    (first,) = at("a", 0)
    assert run_in_turn(first, at("a", 1, 2), forget=at("a", 1)) == [first, *at("a", 2)]


def test_an_idle_lane_begins_at_the_beginning() -> None:
    lane, seen = ScanLane(2), list[int]()
    (place,) = at("a", 50)

    def work() -> pa.Table:
        seen.append(lane.sweep("a"))
        return NOTHING

    lane.submit(place, work).result(timeout=20)
    assert seen == [50]
    until = time.monotonic() + 20
    while lane.sweep("a") and time.monotonic() < until:
        pass
    assert lane.sweep("a") == 0


@pytest.mark.parametrize("error", [ValueError("wrong"), MemoryError()])
def test_an_error_is_for_who_waits_and_the_lane_goes_on(error: Exception) -> None:
    lane = ScanLane(1)
    (place,) = at("a", 0)

    def fail() -> pa.Table:
        raise error

    with pytest.raises(type(error)):
        lane.submit(place, fail).result(timeout=20)
    assert lane.submit(place, lambda: NOTHING).result(timeout=20) is NOTHING
