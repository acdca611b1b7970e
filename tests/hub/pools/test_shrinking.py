"""Who leaves a pool that becomes smaller."""

from __future__ import annotations

import pytest

from uraniborg_hub.pools.shrinking import Leaving, leaving


@pytest.mark.parametrize(
    ("workers", "known", "wanted", "idle", "retired"),
    [
        ("abcd", "abcd", 4, "", 0),
        ("abcd", "abcd", 5, "", 0),
        ("abcd", "abcd", 2, "", 2),
        ("abcd", "ab", 2, "dc", 0),
        ("abcd", "ab", 3, "d", 0),
        ("abcd", "ab", 1, "dc", 1),
        ("abcd", "", 0, "dcba", 0),
        ("ab", "abx", 1, "", 1),
    ],
)
def test_those_that_hold_nothing_go_first(workers: str, known: str, wanted: int, idle: str, retired: int) -> None:
    assert leaving(list(workers), set(known), wanted) == Leaving(idle=tuple(idle), retired=retired)
