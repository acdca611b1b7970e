"""Positions in every notation that people paste."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.errors import BadParameter
from uraniborg_portal.resolver.coordinates import Coordinates

SEXAGESIMAL = (83.822083, -5.391111)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("83.82 -5.39", (83.82, -5.39)),
        ("83.82, -5.39", (83.82, -5.39)),
        ("83.82,-5.39", (83.82, -5.39)),
        ("+83.82 +5.39", (83.82, 5.39)),
        ("83.82-5.39", (83.82, -5.39)),
        ("(83.82 ; -5.39)", (83.82, -5.39)),
        ("83.82d -5.39d", (83.82, -5.39)),
        ("83.82° \u22125.39°", (83.82, -5.39)),
        ("RA=83.82 DEC=-5.39", (83.82, -5.39)),
        ("ra: 83.82, dec: -5.39 J2000", (83.82, -5.39)),
        ("ICRS 83.82 -5.39", (83.82, -5.39)),
        ("5.588h -5.39d", (83.82, -5.39)),
        ("05h35m17.3s -05d23m28s", SEXAGESIMAL),
        ("05 35 17.3 -05 23 28", SEXAGESIMAL),
        ("5:35:17.3 -5:23:28", SEXAGESIMAL),
        ("5:35:17.3, -5:23:28", SEXAGESIMAL),
        ("05h 35m 17.3s / -05\u00b0 23\u2032 28\u2033", SEXAGESIMAL),
        ("05h35m17.3s -05\u00b023'28\"", SEXAGESIMAL),
        ("J053517.3-052328", SEXAGESIMAL),
        ("053517.3 -052328", SEXAGESIMAL),
        ("5h35m -5d23m", (83.75, -5.383333)),
        ("05 35.3 -05 23.5", (83.825, -5.391667)),
        ("00 00 01 -00 00 01", (0.004167, -0.000278)),
        ("12 30 49.42 12 23 28.0", (187.705917, 12.391111)),
        ("360 0", (0.0, 0.0)),
        ("gal 209.01 -19.38", (83.821912, -5.387235)),
        ("209.01 -19.38 galactic", (83.821912, -5.387235)),
        ("l=209.01 b=-19.38", (83.821912, -5.387235)),
        ("l 209.01 b -19.38", (83.821912, -5.387235)),
        ("G209.01-19.38", (83.821912, -5.387235)),
        ("B1950 05 32 49 -05 25 16", (83.818564, -5.389634)),
    ],
)
def test_positions(text: str, expected: tuple[float, float]) -> None:
    found = Coordinates().resolve(text)
    assert found is not None
    assert (found.ra, found.dec) == pytest.approx(expected, abs=1e-6)
    assert found.kind == "position"
    assert found.source == "coordinates"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("361 0", "longitude 361"),
        ("-181 20", "longitude -181"),
        ("-10h 20d", "not negative: -10 h"),
        ("-1:30:00 20:00:00", "not negative: -1.5 h"),
        ("10 -90.5", "latitude -90.5"),
        ("12 61 10 5 5 5", "60 or more"),
        ("25h 10d", "longitude 375"),
        ("gal 400 0", "longitude 400"),
        ("J996060+995959", "60 or more"),
    ],
)
def test_positions_outside_of_the_sky_are_refused(text: str, words: str) -> None:
    with pytest.raises(BadParameter, match=words):
        Coordinates().resolve(text)


@pytest.mark.parametrize(
    "text",
    [
        "M42",
        "NGC 224",
        "42",
        "10",
        "1 2 3",
        "a b",
        "nan nan",
        "inf 0",
        "1e5 3",
        "HIP 87937",
        "GW150914",
        "10 20 s30",
        "10m 20d",
    ],
)
def test_names_are_no_positions(text: str) -> None:
    assert Coordinates().resolve(text) is None


@given(st.text(st.sampled_from("0123456789.+-:hdms ,'\"jJgG°lb="), max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    try:
        found = Coordinates().resolve(text)
    except BadParameter as refusal:
        assert refusal.field == "name"
    else:
        assert found is None or (0 <= (found.ra or 0) < 360 and -90 <= (found.dec or 0) <= 90)


@given(st.floats(0, 359.999), st.floats(-90, 90))
def test_decimal_degrees_come_back(ra: float, dec: float) -> None:
    found = Coordinates().resolve(f"{ra:.9f} {dec:+.9f}")
    assert found is not None
    assert (found.ra, found.dec) == pytest.approx((ra, dec), abs=1e-8)
