"""What changes is told to who waits for it, and events are found by pod."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from uraniborg_hub.kubernetes.watch import Listeners, Told, differences, moment


def thing(version: str) -> dict[str, Any]:
    """An object of this version."""
    return {"metadata": {"resourceVersion": version}}


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({}, {"a": thing("1")}, {"a"}),
        ({"a": thing("1")}, {}, {"a"}),
        ({"a": thing("1"), "b": thing("2")}, {"a": thing("1"), "b": thing("3")}, {"b"}),
    ],
)
def test_differences_of_two_lists(before: dict[str, Any], now: dict[str, Any], expected: set[str]) -> None:
    assert set(differences(before, now)) == expected


def test_each_change_is_told_with_before_and_after() -> None:
    heard: list[tuple[object, ...]] = []
    told = Told({"a": 1}, lambda *change: heard.append(change))
    told["a"] = 2
    told["b"] = 3
    assert told.pop("a", None) == 2
    assert heard == [("a", 1, 2), ("b", None, 3), ("a", 2, None)] and told == {"b": 3}


def test_listeners_hear_of_their_own_object_until_they_stop() -> None:
    listeners, mine = Listeners(), asyncio.Event()
    listeners.add("labs/lab-tycho", mine)
    listeners.tell("labs/lab-kepler")
    assert not mine.is_set()
    listeners.tell("labs/lab-tycho")
    assert mine.is_set()
    mine.clear()
    listeners.remove("labs/lab-tycho", mine)
    listeners.tell("labs/lab-tycho")
    assert not mine.is_set()


def test_a_moment_is_the_last_time_that_is_known() -> None:
    assert moment({"lastTimestamp": "2", "eventTime": "1", "metadata": {}}) == "2"
    assert moment({"lastTimestamp": None, "eventTime": None, "metadata": {"creationTimestamp": "0"}}) == "0"
