"""Ranges are joined without losing any; a plan's files are named one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.engine.reading import joined


@given(st.lists(st.integers(0, 10_000), max_size=80, unique=True), st.integers(1, 20), st.integers(1, 8))
def test_joined_ranges_hold_all(numbers: list[int], most: int, few: int) -> None:
    ends = sorted(numbers)[: len(numbers) // 2 * 2]
    ranges = tuple(zip(ends[::2], ends[1::2], strict=True))
    fewer = joined(ranges, most, few)
    asked, read = (sum(high - low for low, high in each) for each in (ranges, fewer))
    assert len(fewer) <= most
    assert read <= 2 * asked or len(fewer) == min(most, len(ranges))
    assert len(fewer) <= few or len(fewer) == len(ranges) or read > asked
    assert all(any(low <= a and b <= high for low, high in fewer) for a, b in ranges)
    assert list(fewer) == sorted(fewer)
