"""What a cone search asks for, and what it may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.cone_search.request import read_cone
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.settings import QueryLimits

LIMITS = QueryLimits(default_rows=50, maximum_rows=100)
CONE = [("RA", "10"), ("DEC", "-5.5"), ("SR", "0.25")]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([], (10.0, -5.5, 0.25, 2, 50, "votable/td")),
        ([("verb", "3"), ("RESPONSEFORMAT", "csv"), ("Unknown", "x")], (10.0, -5.5, 0.25, 3, 50, "csv")),
        ([("MAXREC", "7"), ("VERB", "1")], (10.0, -5.5, 0.25, 1, 7, "votable/td")),
        ([("maxrec", "1000"), ("ra", "10")], (10.0, -5.5, 0.25, 2, 100, "votable/td")),
    ],
)
def test_parameters(more: list[tuple[str, str]], expected: tuple[object, ...]) -> None:
    asked = read_cone([*CONE, *more], LIMITS)
    assert (asked.ra, asked.dec, asked.radius, asked.verbosity, asked.maxrec, asked.format.name) == expected


@pytest.mark.parametrize(("text", "ra"), [("-10", 350.0), ("360", 0.0), ("1e1", 10.0)])
def test_right_ascensions_are_around_the_circle(text: str, ra: float) -> None:
    assert read_cone([("RA", text), *CONE[1:]], LIMITS).ra == ra


def test_a_radius_of_zero_asks_for_columns() -> None:
    assert read_cone([*CONE[:2], ("SR", "0")], LIMITS).maxrec == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (CONE[1:], "RA"),
        ([*CONE[:2], ("SR", "")], "SR"),
        ([("RA", "05:35:17"), *CONE[1:]], "RA"),
        ([("RA", "nan"), *CONE[1:]], "RA"),
        ([("RA", "361"), *CONE[1:]], "RA"),
        ([CONE[0], ("DEC", "91"), CONE[2]], "DEC"),
        ([*CONE[:2], ("SR", "-1")], "SR"),
        ([*CONE[:2], ("SR", "inf")], "SR"),
        ([*CONE, ("ra", "11")], "RA"),
        ([*CONE, ("VERB", "4")], "VERB"),
        ([*CONE, ("MAXREC", "-1")], "MAXREC"),
        ([*CONE, ("RESPONSEFORMAT", "xlsx")], "RESPONSEFORMAT"),
    ],
)
def test_mistakes_name_their_parameter(given: list[tuple[str, str]], field: str) -> None:
    with pytest.raises(BadParameter) as caught:
        read_cone(given, LIMITS)
    assert caught.value.field == field


@given(st.lists(st.tuples(st.sampled_from(["RA", "dec", "SR", "VERB", "MAXREC", "x"]), st.text(max_size=9))))
def test_any_text_is_a_cone_or_refused(given: list[tuple[str, str]]) -> None:
    try:
        asked = read_cone(given, LIMITS)
    except BadParameter:
        return
    assert 0 <= asked.ra < 360 and abs(asked.dec) <= 90 and 0 <= asked.radius <= 180
