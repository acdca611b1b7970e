"""Position columns and units are found, and turned into degrees."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from astropy.coordinates import Angle
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.catalogs import positions
from uraniborg_portal.catalogs.statistics import Note
from uraniborg_portal.errors import BadParameter

RADIANS = {"ra": Note(unit="rad"), "dec": Note(unit="rad")}


def table(*names: str) -> pa.Table:
    return pa.table({name: pa.array([10.5, 20.5]) for name in names})


@pytest.mark.parametrize(
    ("names", "ra", "dec"),
    [
        (["id", "ra", "dec"], "ra", "dec"),
        (["RA_ICRS", "DE_ICRS", "pmRA"], "RA_ICRS", "DE_ICRS"),
        (["_RAJ2000", "_DEJ2000", "Vmag"], "_RAJ2000", "_DEJ2000"),
        (["RightAscension", "Declination"], "RightAscension", "Declination"),
        (["ALPHA_J2000", "DELTA_J2000"], "ALPHA_J2000", "DELTA_J2000"),
        (["s_ra", "s_dec", "ra", "dec"], "ra", "dec"),
        (["meanRA", "meanDec"], "meanRA", "meanDec"),
        (["source_ra", "source_dec", "mag"], "source_ra", "source_dec"),
        (["system_rightascension", "system_declination"], "system_rightascension", "system_declination"),
    ],
)
def test_columns_are_found_by_name(names: list[str], ra: str, dec: str) -> None:
    found = positions.guess(table(*names), {})
    assert (found.ra, found.dec, found.ra_unit, found.dec_unit) == (ra, dec, "deg", "deg")


def test_ucds_count_more_than_names() -> None:
    notes = {"lon": Note(ucd="pos.eq.ra;meta.main"), "lat": Note(ucd="POS.EQ.DEC;META.MAIN")}
    found = positions.guess(table("ra", "dec", "lon", "lat"), notes)
    assert (found.ra, found.dec, found.why) == ("lon", "lat", "by their UCDs")


def test_nothing_found_lists_the_columns() -> None:
    with pytest.raises(BadParameter, match=r"columns are: l, b") as caught:
        positions.guess(table("l", "b"), {})
    assert "--ra" in caught.value.remedy


def test_wrong_and_half_given_columns_are_refused() -> None:
    with pytest.raises(BadParameter, match="'alpha' is not a column"):
        positions.guess(table("x", "y"), {}, "alpha", "y")
    with pytest.raises(BadParameter, match="both or none"):
        positions.guess(table("ra", "dec"), {}, "ra", None)


@pytest.mark.parametrize(
    ("ra", "dec", "notes", "wanted", "expected"),
    [
        ([1.0], [0.5], {}, ("ra:rad", "dec:rad"), (57.29577951308232, 28.64788975654116)),
        ([1.0], [0.5], RADIANS, (None, None), (57.29577951308232, 28.64788975654116)),
        ([6.0], [-45.0], {}, ("ra:hours", "dec"), (90.0, -45.0)),
        ([6.0], [-45.0], {"ra": Note(unit="h")}, (None, None), (90.0, -45.0)),
        ([6], [-45], {}, (None, None), (6.0, -45.0)),
        (["05:35:17.3"], ["-05:23:28"], {}, (None, None), (83.82208333333333, -5.391111111111111)),
        (["05h35m17.3s"], ["-05d23m28s"], {}, (None, None), (83.82208333333333, -5.391111111111111)),
        (["5 35 17.3"], ["\N{MINUS SIGN}5 23 28"], {}, (None, None), (83.82208333333333, -5.391111111111111)),
        (["00:00:00"], ["-00:30:00"], {}, (None, None), (0.0, -0.5)),
        (["83.5"], ["+5.5"], {}, (None, None), (83.5, 5.5)),
    ],
)  # fmt: skip
def test_positions_become_degrees(
    ra: list[object],
    dec: list[object],
    notes: dict[str, Note],
    wanted: tuple[str | None, str | None],
    expected: tuple[float, float],
) -> None:
    source = pa.table({"ra": ra, "dec": dec})
    found = positions.to_degrees(source, positions.guess(source, notes, *wanted))
    assert (found["ra"][0].as_py(), found["dec"][0].as_py()) == pytest.approx(expected, abs=1e-12)


@given(st.floats(0, 359.9999), st.floats(-89.9999, 89.9999))
def test_sexagesimal_agrees_with_astropy(ra: float, dec: float) -> None:
    words = (
        Angle(ra, "deg").to_string("hour", sep=":", precision=4),
        Angle(dec, "deg").to_string("deg", sep=" ", precision=4),
    )
    for word, hours in zip(words, (True, False), strict=True):
        expected = Angle(word, "hour" if hours else "deg").degree
        got = positions.sexagesimal(pa.chunked_array([[word]]), hours=hours)[0].as_py()
        assert got == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("word", ["", "abc", "12:34", "12:61:00", "1:2:3:4", "12:30:99", "NaN"])
def test_what_is_no_position_becomes_null(word: str) -> None:
    assert positions.sexagesimal(pa.chunked_array([[word]]), hours=True)[0].as_py() is None


def test_small_right_ascensions_raise_a_doubt() -> None:
    hours = pa.table({"ra": np.linspace(0, 23.9, 200), "dec": np.linspace(-80, 80, 200)})
    assert "--ra ra:hours" in positions.guess(hours, {}).doubt
    assert positions.guess(hours, {"ra": Note(unit="deg")}).doubt == ""
    assert positions.guess(hours, {}, "ra:deg", "dec").doubt == ""


def test_proper_motions_are_found_in_their_unit() -> None:
    names = ["ra", "dec", "pmRA", "pmDE"]
    units = {name: Note(unit="mas/yr") for name in ("pmRA", "pmDE")}
    assert positions.motion(names, units) == positions.Motion(pmra="pmRA", pmdec="pmDE")
    assert positions.motion(names, {"pmRA": Note(unit="arcsec/yr"), "pmDE": Note(unit="arcsec/yr")}) is None
    assert positions.motion(["ra", "dec"], {}) is None
