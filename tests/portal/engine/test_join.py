"""Joins by nothing but position are answered by row groups, with the rows that the database gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.install import install
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine import plan
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.errors import Unavailable
from uraniborg_portal.samples.install import install_samples
from uraniborg_portal.settings import QueryLimits

MOST = 1_000_000
NEAR = "h.ra, h.dec, s.ra, s.dec"
COLUMNS = "h.id AS a, s.id AS b, h.ra AS ra_a, s.ra AS ra_b, h.dec, s.mag, h.mag AS m, s.name, h.name AS n, s.tiny"
JOIN = " ".join(["FROM few AS h JOIN many AS s ON DISTANCE(", NEAR, ") <"])


def table(seed: int, rows: int) -> pa.Table:
    """Rows everywhere and in a crowd, at the poles, at RA 0, some twice; values with NULL and NaN."""
    generator = np.random.default_rng(seed)
    # Both tables have the same stars.
    where = np.random.default_rng(5)
    ra, dec = where.uniform(0, 360, 6_000), np.degrees(np.arcsin(where.uniform(-1, 1, 6_000)))
    ra[:3_000], dec[:3_000] = where.normal(80, 0.5, 3_000), where.normal(20, 0.5, 3_000)
    ra[3_000:3_400], dec[3_000:3_200], dec[3_200:3_400] = where.uniform(0, 360, 400), 90 - 1e-3, -90 + 1e-3
    ra[3_400:3_600] = np.where(np.arange(200) % 2, 1e-5, 360 - 1e-5)
    ra[3_600:3_620], dec[3_600:3_620] = np.arange(20) * 18.0, 90.0
    ra[3_620:3_720], dec[3_620:3_720] = 200.0, 45.0
    kept = generator.permutation(6_000)[:rows]
    ra, dec = ra[kept], dec[kept] + generator.choice([0.0, 1e-4, 1e-3], rows)
    mag = generator.normal(15, 3, rows)
    mag[::7] = np.nan
    return pa.table(
        {
            "id": generator.permutation(rows), "ra": ra, "dec": np.clip(dec, -90, 90),
            "mag": pa.array(mag, mask=mag > 18), "name": [f"N{number % 11}é" for number in range(rows)],
            "tiny": pa.array(np.arange(rows) % 100, pa.int16(), mask=np.arange(rows) % 5 == 0),
            "near_ra": pa.array(ra, pa.float32()), "near_dec": pa.array(dec, pa.float32()),
        }
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Both ways to answer a query."""

    engine: Engine

    def both(self, adql: str, maxrec: int = MOST) -> tuple[pa.Table, pa.Table]:
        """Give the rows that are joined here, and those of the database."""
        steps = self.engine.plan(adql, maxrec).steps
        assert all(step.statement.joining for step in steps)
        ours = self.engine.run(adql, maxrec).table
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(plan, "plain_join", lambda sql, scans: None)
            assert not any(step.statement.joining for step in self.engine.plan(adql, maxrec).steps)
            return ours, self.engine.run(adql, maxrec).table


@pytest.fixture(scope="module", params=[None, 20_000], ids=["at once", "in steps"])
def ways(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    home = tmp_path_factory.mktemp("join")
    install_samples(home / "catalogs")
    for seed, (name, rows) in enumerate({"few": 2_500, "many": 5_500}.items()):
        entry = Entry(name=name, title="", position=Position(ra="ra", dec="dec"), identifier="id", rows_per_shard=900)
        install(table(seed, rows), entry, home / "catalogs")
    limits = QueryLimits(maximum_rows=MOST, step_values=request.param)
    engine = Engine(CatalogRegistry(home / "catalogs"), limits, home / "spill")
    yield Ways(engine=engine)
    engine.close()


def same(one: pa.Table, other: pa.Table) -> None:
    assert one.schema == other.schema
    first, second = (table.sort_by([(name, "ascending") for name in table.column_names]) for table in (one, other))
    assert first.equals(second)


@settings(max_examples=8, deadline=None)
@given(radius=st.sampled_from([0.0, 1 / 3600, 1e-4, 1e-3, 0.01]) | st.floats(1e-9, 0.05))
@example(radius=0.0)
@example(radius=1e-4)
@example(radius=0.1)
def test_rows_are_those_of_the_database(ways: Ways, radius: float) -> None:
    ours, theirs = ways.both(" ".join(["SELECT", COLUMNS, f"{JOIN}=", repr(radius)]))
    assert ours.num_rows > 0
    same(ours, theirs)


@pytest.mark.parametrize(
    "source",
    [
        "FROM many AS s JOIN few AS h ON DISTANCE(h.ra, h.dec, s.ra, s.dec) < 1/3600.0",
        "FROM few AS h, many AS s WHERE 1 = CONTAINS(POINT(h.ra, h.dec), CIRCLE(s.ra, s.dec, 0.001))",
        "FROM few AS h JOIN few AS s ON 1 = CONTAINS(POINT(h.ra, h.dec), CIRCLE(s.ra, s.dec, 0.001))",
        "FROM many AS h JOIN many AS s ON 1 = INTERSECTS(POINT(h.ra, h.dec), CIRCLE(s.ra, s.dec, 0.001))",
    ],
)
def test_every_form_of_the_condition(ways: Ways, source: str) -> None:
    same(*ways.both(" ".join(["SELECT", COLUMNS, source])))
    same(*ways.both(" ".join(["SELECT h.id AS a, s.id AS b", source])))
    same(*ways.both(" ".join(["SELECT h.ra AS a, s.ra AS b, s.dec", source])))


def test_no_more_rows_than_asked_for(ways: Ways) -> None:
    every = " ".join(["SELECT h.id, s.id AS b", JOIN, "0.001"])
    for adql, maxrec, expected in ((every.replace("SELECT", "SELECT TOP 7"), MOST, 7), (every, 11, 11), (every, 0, 0)):
        assert [each.num_rows for each in ways.both(adql, maxrec)] == [expected] * 2, adql
    assert ways.engine.run(every, 11).overflow


@pytest.mark.parametrize(
    "query",
    [
        "SELECT h.id FROM few AS h LEFT JOIN many AS s ON DISTANCE(h.ra, h.dec, s.ra, s.dec) < 0.001",
        "SELECT h.id FROM few AS h JOIN many AS s ON DISTANCE(h.ra, h.dec, s.ra, s.dec) < 0.001 AND h.mag < s.mag",
        "SELECT h.id FROM few AS h JOIN many AS s ON DISTANCE(h.ra, h.dec, s.ra, s.dec) < 0.001 WHERE h.id < 9",
        "SELECT h.id FROM few AS h JOIN many AS s ON DISTANCE(h.ra, h.dec, s.ra, s.dec) < s.mag / 36000",
        "SELECT h.id FROM few AS h JOIN many AS s ON DISTANCE(h.near_ra, h.near_dec, s.near_ra, s.near_dec) < 0.001",
        "SELECT h.id + 1 AS n FROM few AS h JOIN many AS s ON DISTANCE(h.ra, h.dec, s.ra, s.dec) < 0.001",
        "SELECT DISTINCT h.id FROM few AS h JOIN many AS s ON DISTANCE(h.ra, h.dec, s.ra, s.dec) < 0.001",
        "SELECT h.id FROM few AS h JOIN many AS s ON DISTANCE(h.ra, h.dec, s.ra, s.dec) < 0.001 ORDER BY h.id",
        "SELECT COUNT(*) AS n FROM few AS h JOIN many AS s ON DISTANCE(h.ra, h.dec, s.ra, s.dec) < 0.001",
        "SELECT h.id FROM few AS h JOIN many AS s ON DISTANCE(h.ra, h.dec, s.ra, s.dec) < 3",
        "SELECT h.id FROM few AS h JOIN many AS s ON h.id = s.id",
        "SELECT h.id FROM few AS h JOIN many AS s ON DISTANCE(h.ra, -h.dec, s.ra, s.dec) < 0.001",
    ],
)  # fmt: skip
def test_other_joins_are_left_to_the_database(ways: Ways, query: str) -> None:
    assert not any(step.statement.joining for step in ways.engine.plan(query, MOST).steps)
    ways.engine.run(query, 10)


def test_explain_says_how(ways: Ways) -> None:
    adql = " ".join(["SELECT h.id", JOIN, "0.001"])
    said = ways.engine.explain(adql, MOST).words()
    assert "many is joined by position with few within 3.6 arcsec: pairs are found before." in said


def test_a_file_that_is_cut_short_is_told(ways: Ways) -> None:
    adql = " ".join(["SELECT h.id, s.mag", JOIN, "0.001"])
    joining = ways.engine.plan(adql, MOST).steps[0].statement.joining
    assert joining
    path, _ = joining.sides[0].fetch.files[0]
    with Path(path).open("rb+") as file:
        whole = file.read()
        file.truncate(1_000)
        try:
            with pytest.raises(Unavailable, match="can't be read"):
                ways.engine.run(adql, MOST)
        finally:
            file.seek(0)
            file.write(whole)
