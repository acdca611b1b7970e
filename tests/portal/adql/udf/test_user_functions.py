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
