"""Ranges are joined without losing any; a plan's files are named one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.engine.reading import joined


@given(st.lists(st.integers(0, 10_000), max_size=80, unique=True), st.integers(1, 20))
def test_joined_ranges_hold_all(numbers: list[int], most: int) -> None:
    ends = sorted(numbers)[: len(numbers) // 2 * 2]
    ranges = tuple(zip(ends[::2], ends[1::2], strict=True))
    fewer = joined(ranges, most)
    assert len(fewer) <= max(most, 0) or fewer == ranges
    assert all(any(low <= a and b <= high for low, high in fewer) for a, b in ranges)
    assert list(fewer) == sorted(fewer)
