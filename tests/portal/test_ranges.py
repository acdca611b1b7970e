"""Ranges of bytes, as RFC 9110 has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.ranges import Unsatisfiable, range_of

RANGES = [
    (None, None),
    ("bytes=0-", (0, 10)),
    ("bytes=2-4", (2, 5)),
    ("bytes=2-400", (2, 10)),
    ("bytes=-3", (7, 10)),
    ("bytes=-30", (0, 10)),
    ("bytes=4-2", None),
    ("bytes=-", None),
    ("bytes=0-1,3-4", None),
    ("lines=0-1", None),
    ("bytes=x-1", None),
]


@pytest.mark.parametrize(("header", "wanted"), RANGES)
def test_a_header_names_bytes(header: str | None, wanted: tuple[int, int] | None) -> None:
    assert range_of(header, 10) == wanted


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0)])
def test_no_byte_is_said(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        range_of(header, size)


@given(header=st.from_regex(r"bytes=[0-9]{0,5}-[0-9]{0,5}"), size=st.integers(0, 10**5))
def test_a_range_is_inside_of_the_file(header: str, size: int) -> None:
    try:
        wanted = range_of(header, size)
    except Unsatisfiable:
        return
    assert wanted is None or 0 <= wanted[0] < wanted[1] <= size
