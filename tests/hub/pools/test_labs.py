"""When a pool ends with its lab."""

from __future__ import annotations

import pytest

from uraniborg_hub.pools.hub_api import Lab, labs
from uraniborg_hub.pools.labs import lab_is_gone, look
from uraniborg_hub.pools.lives import Pool
from uraniborg_hub.pools.models import PoolSpec

A, A_AGAIN, B = ("", "10:00"), ("", "11:00"), ("b", "10:00")


@pytest.mark.parametrize(
    ("born", "now", "gone"),
    [
        ({A}, {A}, False),
        ({A}, set(), True),
        ({A}, {A_AGAIN}, True),
        ({A}, {B}, True),
        ({A, B}, {B}, False),
        (set(), set(), False),
        (set(), {A}, False),
        (None, set(), False),
    ],
)
def test_a_pool_lives_as_long_as_one_of_its_labs(born: set[Lab] | None, now: set[Lab], gone: bool) -> None:
    assert lab_is_gone(None if born is None else frozenset(born), frozenset(now)) is gone


def test_one_answer_without_the_lab_is_not_enough() -> None:
    spec = PoolSpec(name="a-b", owner="a", workers=1, threads=1, memory=1, dashboard_path="/a-b", idle_seconds=1)
    pool = Pool(spec=spec)
    answers = [{A}, set(), {A}, set(), set()]
    assert [look(pool, frozenset(now)) for now in answers] == [False, False, False, False, True]


def test_a_lab_that_is_being_stopped_is_gone() -> None:
    model = {
        "servers": {
            "": {"name": "", "started": "10:00", "pending": "stop"},
            "b": {"name": "b", "started": "10:00", "pending": "spawn", "ready": False},
        }
    }
    assert labs(model) == {B}
    assert labs({}) == labs({"servers": None}) == frozenset()
