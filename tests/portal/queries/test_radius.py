"""Angles as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.errors import BadParameter
from uraniborg_portal.queries.radius import radius_degrees


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("30 arcmin", 0.5),
        ("30arcmin", 0.5),
        ("30'", 0.5),
        ("1 deg", 1.0),
        ("1.5 degrees", 1.5),
        (".5 deg", 0.5),
        ("1°", 1.0),
        ('36"', 0.01),
        ("36 ARCSEC", 0.01),
        ("3600000 mas", 1.0),
        ("1e-2 deg", 0.01),
        ("180 deg", 180.0),
    ],
)
def test_angles(text: str, degrees: float) -> None:
    assert radius_degrees(text) == pytest.approx(degrees)


@pytest.mark.parametrize(
    "text",
    ["", "30", "arcmin", "0 deg", "-1 deg", "181 deg", "nan deg", "inf deg", "1 m", "1e99 deg", "1 deg; x", "1 2 deg"],
)
def test_what_is_no_radius_is_refused(text: str) -> None:
    with pytest.raises(BadParameter) as refusal:
        radius_degrees(text)
    assert refusal.value.field == "radius"


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    try:
        assert 0 < radius_degrees(text) <= 180
    except BadParameter as refusal:
        assert refusal.remedy
