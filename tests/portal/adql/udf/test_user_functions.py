"""User-defined functions agree with astropy and cdshealpix on the real Hipparcos sample."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import astropy.units as u
import numpy as np
import pyarrow as pa
import pytest
from astropy.coordinates import SkyCoord
from cdshealpix.nested import healpix_to_lonlat, lonlat_to_healpix

from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.errors import QueryRefused
from uraniborg_portal.resolver.sources import make_resolver
from uraniborg_portal.samples.install import install_samples
from uraniborg_portal.settings import QueryLimits, Settings

ALCYONE = "hip = 17702"


@pytest.fixture(scope="module")
def engine(portal_home: Path) -> Iterator[Engine]:
    folder = portal_home / "portal" / "catalogs"
    install_samples(folder)
    settings = Settings(home=portal_home)
    made = Engine(CatalogRegistry(folder), QueryLimits(), settings.spill, make_resolver(settings).places_of)
    yield made
    made.close()


def rows(engine: Engine, what: str, condition: str = "hip > 0") -> pa.Table:
    """Give the answer for some stars."""
    return engine.run(" ".join(["SELECT", what, "FROM hipparcos WHERE", condition]), 1_000_000).table


@pytest.mark.parametrize(
    ("order", "cell"),
    [(order, f"ivo_healpix_index({order}, POINT(ra, dec))") for order in (0, 1, 4, 9, 29)]
    + [(order, f"MOD(hip * 7919, {12 * 4**order})") for order in (0, 3, 12)],
)
def test_centres_of_pixels_are_those_of_cdshealpix(engine: Engine, order: int, cell: str) -> None:
    center = f"ivo_healpix_center({order}, {cell})"
    table = rows(engine, f"DISTINCT {cell} AS cell, COORD1({center}) AS lon, COORD2({center}) AS lat")
    cells, lon, lat = (table.column(name).to_numpy() for name in ("cell", "lon", "lat"))
    expected = SkyCoord(*healpix_to_lonlat(cells.astype(np.uint64), order))
    assert len(cells) > 11
    assert SkyCoord(lon * u.deg, lat * u.deg).separation(expected).max() < 1e-9 * u.deg


@pytest.mark.parametrize("order", [0, 5, 29])
def test_pixels_of_any_position_are_those_of_cdshealpix(engine: Engine, order: int) -> None:
    galactic = "gavo_transform('ICRS', 'GALACTIC', POINT(ra, dec))"
    numbers = f"ivo_healpix_index({order}, COORD1({galactic}) - 360, COORD2({galactic}))"
    what = f"ra, dec, ivo_healpix_index({order}, {galactic}) AS of_point, {numbers} AS of_numbers"
    table = rows(engine, what)
    stars = SkyCoord(table["ra"].to_numpy(), table["dec"].to_numpy(), unit="deg").galactic
    expected = lonlat_to_healpix(stars.l, stars.b, order)
    # Two ways to turn a position differ by less than a pixel of order 29 is wide, 0.4 mas, and seldom cross its edge.
    for name in ("of_point", "of_numbers"):
        assert (table[name].to_numpy() == expected).mean() > (0.999 if order == 29 else 0.99999)


def test_there_is_no_pixel_beyond_the_poles(engine: Engine) -> None:
    assert rows(engine, "ivo_healpix_index(3, ra, dec + 90) AS v", ALCYONE)["v"].to_pylist() == [None]
    assert rows(engine, "ivo_healpix_index(3, NULL, dec) AS v", ALCYONE)["v"].to_pylist() == [None]


def test_the_centre_of_a_constant_pixel(engine: Engine) -> None:
    for cell in (0, 100, 767):
        both = f"DISTANCE(ivo_healpix_center(3, {cell}), ivo_healpix_center(3, {cell} + hip - hip))"
        assert rows(engine, f"{both} AS d", ALCYONE)["d"].to_pylist() == pytest.approx([0], abs=1e-9)


def test_a_pixel_that_is_not_there_has_no_centre(engine: Engine) -> None:
    assert rows(engine, "COORD1(ivo_healpix_center(0, hip)) AS lon", ALCYONE)["lon"].to_pylist() == [None]
    with pytest.raises(QueryRefused, match="pixels 0 to 11"):
        rows(engine, "COORD1(ivo_healpix_center(0, 12))")


@pytest.mark.parametrize("system", ["galactic", "supergalactic", "fk5"])
def test_transformed_positions_are_those_of_astropy(engine: Engine, system: str) -> None:
    point = f"gavo_transform('ICRS', '{system}', POINT(ra, dec))"
    table = rows(engine, f"ra, dec, COORD1({point}) AS lon, COORD2({point}) AS lat")
    ra, dec, lon, lat = (table.column(name).to_numpy() for name in ("ra", "dec", "lon", "lat"))
    expected = SkyCoord(ra * u.deg, dec * u.deg).transform_to(system)
    assert SkyCoord(lon * u.deg, lat * u.deg, frame=system).separation(expected).max() < 1e-6 * u.arcsec


def test_a_cone_in_galactic_coordinates(engine: Engine) -> None:
    there = "CONTAINS(gavo_transform('ICRS', 'GALACTIC', POINT(ra, dec)), CIRCLE(166.57, -23.52, 1))"
    here = "CONTAINS(POINT(ra, dec), gavo_transform('GALACTIC', 'ICRS', CIRCLE(166.57, -23.52, 1)))"
    found = [sorted(rows(engine, "hip", f"1 = {each}")["hip"].to_pylist()) for each in (there, here)]
    assert found[0] == found[1]
    assert 17702 in found[0]


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("ivo_hasword('The Crab nebula', 'crab')", 1),
        ("ivo_hasword('The Crab nebula', 'crab neb')", 0),
        ("ivo_hasword('The Crab nebula', 'THE CRAB')", 1),
        ("ivo_hasword('a.b', 'axb')", 0),
        ("ivo_hashlist_has('Radio#optical', 'OPTICAL')", 1),
        ("ivo_hashlist_has('Radio#optical', 'opt')", 0),
        ("ivo_nocasematch('Crab', 'cr%')", 1),
        ("ivo_nocasematch('Crab', 'r%')", 0),
        ("CONTAINS(POINT(ra, dec), CIRCLE(ivo_simbadpoint('M45'), 1.5))", 1),
        ("COORD1(ivo_simbadpoint('05h35m17s -05d23m28s'))", 83.8208),
        ("scisql_nanojanskyToAbMag(3631e9)", 0),
        ("scisql_nanojanskyToAbMagSigma(100, 1)", 0.0108574),
        ("scisql_abMagToNanojansky(31.4)", 1),
        ("scisql_nanojanskyToAbMag(-1)", None),
        ("scisql_nanojanskyToAbMag(0)", None),
        ("ivo_healpix_index(0, 45, 1)", 0),
        ("ivo_healpix_index(3, POINT('ICRS', 45.0, 0.5))", 0),
    ],
)
def test_values(engine: Engine, call: str, answer: float | None) -> None:
    (found,) = rows(engine, f"{call} AS v", ALCYONE)["v"].to_pylist()
    assert found == (answer if answer is None else pytest.approx(answer, abs=2e-4))


def test_texts_of_a_group_are_joined(engine: Engine) -> None:
    query = "SELECT name, ivo_string_agg(type, '+') AS kinds FROM openngc GROUP BY name"
    table = engine.run(query, 5).table
    assert set(table.column_names) == {"name", "kinds"}
    (found,) = rows(engine, "ivo_string_agg(CAST(hip AS VARCHAR), '#') AS v", "hip IN (1, 2, 3)")["v"].to_pylist()
    assert sorted(found.split("#")) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT hip FROM hipparcos WHERE ivo_string_agg('a', ',') = 'a'", "can't stand in WHERE"),
        ("SELECT MAX(ivo_string_agg('a', ',')) FROM hipparcos", "another aggregate"),
        ("SELECT hip, ivo_string_agg('a', ',') FROM hipparcos", "GROUP BY"),
        ("SELECT ivo_hasword('a') FROM hipparcos", "ivo_hasword(haystack TEXT, needle TEXT)"),
        ("SELECT ivo_hasword(hip, 'a') FROM hipparcos", "expected a text"),
        ("SELECT COORD1(gavo_transform('ICRS', 'MARS', POINT(1, 2))) FROM hipparcos", "GALACTIC"),
        ("SELECT COORD1(gavo_transform('ICRS', 'FK5', 1)) FROM hipparcos", "expected a geometry"),
        ("SELECT ivo_healpix_index(6, CIRCLE(ra, dec, 1)) FROM hipparcos", "takes a POINT"),
        ("SELECT COORD1(ivo_simbadpoint('of nobody')) FROM hipparcos", "'of nobody' is no name"),
        ("SELECT COORD1(ivo_simbadpoint('' || 'M45')) FROM hipparcos", "between quotes"),
    ],
)
def test_misuse_is_refused_with_the_signature_or_the_reason(engine: Engine, query: str, words: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        engine.run(query, 5)
    assert words in f"{refused.value.message} {refused.value.remedy}"


@pytest.mark.parametrize(("velocity", "off"), [(0.0, 1e-5), (-110.6, 0.2)])
def test_moved_stars_are_those_of_astropy(engine: Engine, velocity: float, off: float) -> None:
    """Astropy's ERFA counts the time that light takes, too."""
    given = f"ra, dec, parallax, pmra, pmdec, {velocity}, 1991.25, 2026.0"
    table = rows(engine, f"ra, dec, parallax, pmra, pmdec, ivo_epoch_prop({given}) AS star", "parallax > 1")
    ra, dec, parallax, pmra, pmdec = (table[name].to_numpy().astype(float) for name in table.column_names[:5])
    moved = np.array(table["star"].to_pylist())
    there = SkyCoord(
        ra * u.deg, dec * u.deg, distance=1000 / parallax * u.pc, pm_ra_cosdec=pmra * u.mas / u.yr,
        pm_dec=pmdec * u.mas / u.yr, radial_velocity=np.full(len(ra), velocity) * u.km / u.s,
    ).apply_space_motion(dt=34.75 * u.yr)  # fmt: skip
    assert len(ra) > 100_000
    assert SkyCoord(moved[:, 0] * u.deg, moved[:, 1] * u.deg).separation(there).max() < off * u.mas
    expected = [1000 / there.distance.pc, there.pm_ra_cosdec.value, there.pm_dec.value, there.radial_velocity.value]
    for values, right, tolerance in zip(moved[:, 2:].T, expected, (1e-3, 1e-2, 1e-2, 1e-3), strict=True):
        np.testing.assert_allclose(values, right, atol=tolerance, rtol=0)


def test_a_star_back_at_its_epoch_is_as_it_was(engine: Engine) -> None:
    given = "ra, dec, parallax, pmra, pmdec, 20.0"
    star, stays = (f"ivo_epoch_prop({given}, 1991.25, {epoch})" for epoch in (2091.25, 1991.25))
    table = rows(engine, f"ra, dec, parallax, pmra, pmdec, {star} AS star, {stays} AS stays", "parallax > 1")
    start = np.array([table[name].to_numpy() for name in table.column_names[:5]], float).T
    np.testing.assert_allclose(np.array(table["stays"].to_pylist())[:, :5], start, atol=1e-9)
    for before, there in zip(start[:5], table["star"].to_pylist(), strict=False):
        numbers = ", ".join(repr(each) for each in there)
        back = rows(engine, f"ivo_epoch_prop({numbers}, 2091.25, 1991.25) AS star", ALCYONE)["star"].to_pylist()[0]
        assert back == pytest.approx([*before, 20.0], abs=1e-9)


@pytest.mark.parametrize(
    ("call", "known"),
    [
        ("ivo_epoch_prop(10, 20, 5, 100, 100, 30, 2000, 2016)", "111111"),
        ("ivo_epoch_prop(10, 20, NULL, 100, 100, 30, 2000, 2016)", "110110"),
        ("ivo_epoch_prop(10, 20, 0.0001, 100, 100, 30, 2000, 2016)", "110110"),
        ("ivo_epoch_prop(10, 20, -5, 100, 100, 30, 2000, 2016)", "111111"),
        ("ivo_epoch_prop(10, 20, 5, NULL, NULL, NULL, 2000, 2016)", "111111"),
        ("ivo_epoch_prop(NULL, 20, 5, 1, 1, 30, 2000, 2016)", None),
        ("ivo_epoch_prop(10, NULL, 5, 1, 1, 30, 2000, 2016)", None),
        ("ivo_epoch_prop(10, 20, 5, 1, 1, 30, NULL, 2016)", None),
        ("ivo_epoch_prop(10, 20, 5, 1, 1, 30, 2000, NULL)", None),
    ],
)
def test_what_is_unknown_of_a_star_stays_unknown(engine: Engine, call: str, known: str | None) -> None:
    (found,) = rows(engine, f"{call} AS v", ALCYONE)["v"].to_pylist()
    assert found is None if known is None else [each is not None for each in found] == [each == "1" for each in known]


def test_a_star_without_parallax_moves_by_its_proper_motion_alone(engine: Engine) -> None:
    six = "ivo_epoch_prop_pos(ra, dec, pmra, pmdec, 1991.25, 2026)"
    eight = "ivo_epoch_prop_pos(ra, dec, NULL, pmra, pmdec, 500, 1991.25, 2026)"
    assert max(rows(engine, f"DISTANCE({six}, {eight}) AS d")["d"].to_pylist()) == 0


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT {} + 1 FROM hipparcos", "Line 1, column 8: found an array"),
        ("SELECT hip FROM hipparcos WHERE {} = 1", "an array is compared with a number"),
        ("SELECT LOWER({}) FROM hipparcos", "found an array (ivo_epoch_prop), expected a text"),
        ("SELECT CAST({} AS INTEGER) FROM hipparcos", "found an array"),
        ("SELECT COALESCE({}, 1) FROM hipparcos", "mixed in COALESCE"),
        ("SELECT {} FROM hipparcos UNION SELECT ra FROM hipparcos", "an array is compared with a number"),
    ],
)
def test_an_array_is_no_number(engine: Engine, query: str, words: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        engine.run(query.format("ivo_epoch_prop(ra, dec, 5, pmra, pmdec, 0, 2000, 2016)"), 5)
    assert words in refused.value.message


@pytest.mark.parametrize(
    "query",
    [
        "SELECT DISTINCT {} AS star FROM hipparcos WHERE hip < 5",
        "SELECT star FROM (SELECT {} AS star FROM hipparcos WHERE hip < 5) AS s WHERE star IS NOT NULL ORDER BY star",
        "SELECT star, COUNT(*) FROM (SELECT {} AS star FROM hipparcos) AS s GROUP BY star",
        "SELECT {} AS star FROM hipparcos WHERE hip = 1 UNION ALL SELECT COALESCE(NULL, {}) FROM hipparcos",
    ],
)
def test_arrays_go_through_queries(engine: Engine, query: str) -> None:
    result = engine.run(query.replace("{}", "ivo_epoch_prop(ra, dec, 5, pmra, pmdec, 0, 2000, 2016)"), 5)
    assert (result.columns[0].datatype, result.columns[0].arraysize) == ("double", "6")
    assert {len(each) for each in result.table["star"].to_pylist()} == {6}
