"""Rows that are found without a database are those that DuckDB finds by the same query, and astropy by its own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from hypothesis import example, given, settings
from hypothesis import strategies as st

from uraniborg_portal.adql.bind import bind, nowhere
from uraniborg_portal.catalogs.models import Collection, Column, Position
from uraniborg_portal.catalogs.pruning import Pruning, RowGroups
from uraniborg_portal.engine.duckdb import LockedDatabase
from uraniborg_portal.engine.fetch import numbered
from uraniborg_portal.engine.kept import Files, KeptTable
from uraniborg_portal.engine.plan import limited
from uraniborg_portal.engine.reading import Reading, Stored
from uraniborg_portal.engine.statement import Statement, statement_of

COLUMNS = (
    Column(name="id", datatype="long"),
    Column(name="ra", datatype="double", unit="deg"),
    Column(name="dec", datatype="double", unit="deg"),
    Column(name="mag", datatype="float"),
    Column(name="kind", datatype="char", arraysize="*"),
)
SQL_ONLY = "(id = 1 OR id <> 1 OR id IS NULL)"
"""True, and nothing that a program has."""
LARGE = 2**60
Place = tuple[float | None, float | None]


@dataclass(frozen=True, kw_only=True)
class Sky:
    """A table in one row group, and the database that may read it."""

    folder: Path
    database: LockedDatabase

    def statement(self, adql: str, rows: int) -> Statement:
        """Plan a query of the table."""
        where = Position(ra="ra", dec="dec")
        table = KeptTable(name="sky", about="", description="", columns=COLUMNS, position=where, rows=rows)
        bound = bind(adql, {"sky": table.table}, nowhere)
        (scan,) = bound.scans
        path = self.folder / "sky.parquet"
        collection = Collection(
            root=self.folder, primary=self.folder, margin=None, margin_arcsec=0.0, healpix_column=None,
            healpix_order=29,
        )  # fmt: skip
        shards = Files(collection, [(path, rows)])
        stored = Stored(catalog=table, collection=collection, shards=shards, pruning=Pruning(self.folder))
        one = np.zeros(1, np.int64)
        reading = Reading(
            key=scan.key, catalog="sky", files=(path,), ranges=None, shards=1, of_shards=1, columns=scan.columns,
            rows=rows, of_rows=rows, chosen=one, groups=RowGroups(shard=one, part=one, number=one, rows=rows),
        )  # fmt: skip
        found = numbered(limited(bound.sql, bound.top or 10_000), scan, lambda _: stored, {scan.key: reading})
        assert found is not None
        return found

    def rows(self, statement: Statement) -> pa.Table:
        """Answer it as a worker does."""
        with self.database.answer(statement_of(statement.as_json()), {}) as rows:
            return rows.read_all()

    def both(self, condition: str, table: pa.Table) -> pa.Table:
        """Answer a query of a table with and without DuckDB, which is the same."""
        pq.write_table(table, self.folder / "sky.parquet")
        adql = " ".join(["SELECT", "*", "FROM sky WHERE", condition])
        plain = self.statement(adql, table.num_rows)
        by_database = self.statement(" ".join([adql, "AND", SQL_ONLY]), table.num_rows)
        assert (plain.sql, by_database.selecting) == ("", None)
        assert plain.selecting
        found, expected = self.rows(plain), self.rows(by_database)
        assert found.schema == expected.schema
        assert repr(found.to_pylist()) == repr(expected.to_pylist())
        return found


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sky]:
    folder = tmp_path_factory.mktemp("sky")
    yield Sky(folder=folder, database=LockedDatabase([folder], memory="1GB", spill=folder, spill_megabytes=100))


def table_of(places: list[Place]) -> pa.Table:
    size = len(places)
    longitudes, latitudes = zip(*places, strict=True)
    ids = [None if number % 7 == 6 else LARGE + number for number in range(size)]
    mags = [math.nan if number % 5 == 4 else None if number % 5 == 3 else number / 2 for number in range(size)]
    return pa.table({
        "id": pa.array(ids, pa.int64()),
        "ra": pa.array(longitudes, pa.float64(), from_pandas=False),
        "dec": pa.array(latitudes, pa.float64(), from_pandas=False),
        "mag": pa.array(mags, pa.float32(), from_pandas=False),
        "kind": [None if number % 3 == 2 else f"kind {number % 3}" for number in range(size)],
    })  # fmt: skip


LONGITUDES = st.one_of(st.sampled_from([0.0, -0.0, 1e-12, 90.0, 180.0, 270.0, 359.999999999, 360.0]), st.floats(0, 360))
LATITUDES = st.one_of(st.sampled_from([-90.0, -89.9999999, 0.0, 45.0, 89.9999999, 90.0]), st.floats(-90, 90))
RADII = st.one_of(st.sampled_from([0.0, 1e-9, 1 / 3600, 0.1, 1.0, 90.0, 179.9999, 180.0]), st.floats(0, 180))
UNKNOWN: list[Place] = [(None, 1.0), (1.0, None), (None, None), (math.nan, 1.0), (1.0, math.nan), (math.nan, None)]


def around(center: tuple[float, float], radius: float) -> list[Place]:
    """Places near the edge of a circle, some of them on it as far as numbers tell, its centre, and no places."""
    where = SkyCoord(*center, unit="deg")
    angles = np.arange(0, 360, 15.0)
    near = [
        where.directional_offset_by(angles * u.deg, radius * factor * u.deg)
        for factor in (1, 1 - 1e-15, 1 + 1e-15, 1 + 1e-13, 1 - 1e-6, 1 + 1e-6, 0.5)
    ]
    places = [place for each in near for place in zip(each.ra.deg.tolist(), each.dec.deg.tolist(), strict=True)]
    # The edge to the north and south of a centre is where its latitude says.
    edges = [(center[0], latitude) for latitude in (center[1] + radius, center[1] - radius) if abs(latitude) <= 90]
    return [*places, *edges, center, ((center[0] + 180) % 360, -center[1]), *UNKNOWN]


@settings(max_examples=60, deadline=None)
@given(longitude=LONGITUDES, latitude=LATITUDES, radius=RADII, more=st.lists(st.tuples(LONGITUDES, LATITUDES)))
@example(longitude=0.0, latitude=90.0, radius=0.0, more=[])
@example(longitude=0.0, latitude=-90.0, radius=180.0, more=[])
@example(longitude=360.0, latitude=0.0, radius=1.0, more=[])
def test_circles_hold_the_rows_that_duckdb_and_astropy_find(
    sky: Sky, longitude: float, latitude: float, radius: float, more: list[tuple[float, float]]
) -> None:
    table = table_of([*around((longitude, latitude), radius), *more])
    here = f"{longitude!r}, {latitude!r}"
    inside = sky.both(f"1 = CONTAINS(POINT(ra, dec), CIRCLE({here}, {radius!r}))", table)
    sky.both(f"DISTANCE(POINT({here}), POINT(ra, dec)) < {radius!r}", table)
    sky.both(f"DISTANCE(ra, dec, {here}) BETWEEN {radius / 2!r} AND {radius!r}", table)
    known = np.isfinite(table["ra"].to_numpy()) & np.isfinite(table["dec"].to_numpy())
    ras, decs = (table[name].to_numpy()[known] for name in ("ra", "dec"))
    away = SkyCoord(ras, decs, unit="deg").separation(SkyCoord(longitude, latitude, unit="deg")).deg
    assert np.sum(away <= radius - 1e-12) <= inside.num_rows <= np.sum(away <= radius + 1e-12)


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        (f"id = {LARGE + 3}", 1), (f"id = {LARGE}", 1), (f"id IN ({LARGE}, {LARGE + 1}, {LARGE + 6}, 5)", 2),
        (f"id BETWEEN {LARGE + 2} AND {LARGE + 9}", 7), ("id > -5", 86), ("id <> 3", 86), (f"{LARGE + 2} >= id", 3),
        ("mag < 3", 4), ("mag = 2.5", 1), ("mag >= 49.5e0", 0), ("(mag) BETWEEN -1 AND 2.25", 3),
        ("mag IN (0, 2.5)", 2),
        ("mag <> 0", 59), ("kind = 'kind 1'", 33), ("kind IN ('kind 0', 'kind 1', 'no kind')", 67),
        ("kind <> 'kind 1'", 34), ("kind = 'KIND 1'", 0), ("kind < 'kind 1'", 34),
        (f"ra > 3 AND dec < 9 AND id < {LARGE + 40} AND mag > 2", 8),
        ("1 = 1", 100), ("kind >= 'kïnd'", 0), ("2.5 < 1", 0), ("mag <= 1.1", 3),
    ],
)  # fmt: skip
def test_columns_are_compared_as_duckdb_does(sky: Sky, condition: str, rows: int) -> None:
    table = table_of([(float(number), number / 2) for number in range(100)])
    assert sky.both(condition, table).num_rows == rows


@pytest.mark.parametrize("more", ["", "OFFSET 3", "OFFSET 70", "OFFSET 0"])
def test_rows_are_limited_and_left_out(sky: Sky, more: str) -> None:
    table = table_of([(float(number), number / 2) for number in range(100)])
    for top in ("TOP 5", "TOP 0", ""):
        adql = " ".join(["SELECT", top, "id FROM sky WHERE DISTANCE(ra, dec, 30, 15) < 20 AND id > 4"])
        pq.write_table(table, sky.folder / "sky.parquet")
        statements = [sky.statement(" ".join([adql, also, more]), 100) for also in ("", f"AND {SQL_ONLY}")]
        plain, by_database = (sky.rows(each).num_rows for each in statements)
        assert plain == by_database


@pytest.mark.parametrize(
    ("shown", "order"),
    [
        ("id", "id"), ("id", "id DESC"), ("mag", "mag, dec"), ("mag", "1 DESC, dec DESC"), ("dec", "dec DESC, id"),
        ("ra", "ra"), ("id", "DISTANCE(ra, dec, 30, 15), id"), ("id", "DISTANCE(ra, dec, 30, 15) DESC, id"),
        ("id", "id OFFSET 7"), ("ra", "mag DESC, ra OFFSET 50"),
    ],
)  # fmt: skip
def test_rows_are_sorted_as_duckdb_does(sky: Sky, shown: str, order: str) -> None:
    places = np.random.default_rng(3).permutation(100)
    table = table_of([*((float(place), place / 2) for place in places), (None, 1.0), (1.0, math.nan)])
    pq.write_table(table, sky.folder / "sky.parquet")
    for top in ("TOP 9", ""):
        adql = " ".join(["SELECT", top, shown, "FROM sky {} ORDER BY", order])
        plain, by_database = (sky.statement(adql.format(where), 102) for where in ("", f"WHERE {SQL_ONLY}"))
        assert (bool(plain.selecting), bool(by_database.selecting)) == (True, False)
        assert repr(sky.rows(plain).to_pylist()) == repr(sky.rows(by_database).to_pylist())


@pytest.mark.parametrize(
    "adql",
    [
        "SELECT id FROM sky WHERE id = 1 ORDER BY kind",
        "SELECT id FROM sky WHERE id = 1 ORDER BY mag + 1",
        "SELECT id FROM sky WHERE id = 1 ORDER BY mag, UPPER(kind)",
        "SELECT mag + 1 AS more FROM sky WHERE id = 1",
        "SELECT id FROM sky WHERE id = 1.5",
        "SELECT id FROM sky WHERE id = 99999999999999999999",
        "SELECT id FROM sky WHERE id = NULL",
        "SELECT id FROM sky WHERE id = mag",
        "SELECT id FROM sky WHERE mag = 16777217",
        "SELECT id FROM sky WHERE mag + 1 > 2",
        "SELECT id FROM sky WHERE 5 * ra > 2",
        "SELECT id FROM sky WHERE CAST(2.5 AS REAL) < mag",
        "SELECT id FROM sky WHERE mag IS NULL",
        "SELECT id FROM sky WHERE NOT id = 1",
        "SELECT id FROM sky WHERE id = 1 OR id = 2",
        "SELECT id FROM sky WHERE kind LIKE 'k%'",
        "SELECT id FROM sky WHERE DISTANCE(ra, mag, 1, 1) < 1",
        "SELECT id FROM sky WHERE DISTANCE(ra, dec, 1, 1) <> 1",
        "SELECT id FROM sky WHERE 0 = CONTAINS(POINT(ra, dec), CIRCLE(1, 1, 1))",
        "SELECT id FROM sky WHERE 1 = CONTAINS(POINT(ra, dec), POLYGON(0, 0, 1, 0, 1, 1))",
    ],
)
def test_what_is_not_plain_is_for_a_database(sky: Sky, adql: str) -> None:
    statement = sky.statement(adql, 1)
    assert statement.sql
    assert statement.selecting is None
