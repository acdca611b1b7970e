"""Rows that are read by their row groups are those that the database reads from the files, of the same types."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uraniborg_portal.catalogs.add import add
from uraniborg_portal.catalogs.adopt import adopt
from uraniborg_portal.catalogs.append import append
from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.install import install
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.pruning import Pruning
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Increment, Manner, Wishes
from uraniborg_portal.engine.duckdb import LockedDatabase
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.fetched import OpenFiles, fetched
from uraniborg_portal.engine.fetching import NUMBER, Fetch, Fetching
from uraniborg_portal.engine.plan import Plan, Surroundings, make_plan
from uraniborg_portal.engine.reading import Stored
from uraniborg_portal.errors import Unavailable
from uraniborg_portal.samples.install import install_samples
from uraniborg_portal.settings import QueryLimits

SIZE = 30_000
MOST = 20_000


def made() -> pa.Table:
    """A sky with columns of many types, with NULL and NaN, the half of it crowded."""
    generator = np.random.default_rng(7)
    mag = generator.normal(15, 3, SIZE)
    ra, dec = generator.uniform(0, 360, SIZE), np.degrees(np.arcsin(generator.uniform(-1, 1, SIZE)))
    ra[::2], dec[::2] = generator.normal(80, 2, SIZE // 2), generator.normal(20, 2, SIZE // 2)
    mag[::7] = np.nan
    names = [f"N{number % 11}é" for number in range(SIZE)]
    return pa.table(
        {
            "id": generator.permutation(SIZE),
            "ra": ra,
            "dec": dec,
            "mag": pa.array(mag, mask=mag > 18),
            "single": pa.array(mag, pa.float32()),
            "whole": pa.array(np.arange(SIZE) % 100, pa.int32()),
            "short": pa.array(np.arange(SIZE) % 100, pa.int16(), mask=np.arange(SIZE) % 5 == 0),
            "flag": pa.array(np.arange(SIZE) % 3 == 0, mask=np.arange(SIZE) % 4 == 0),
            "name": names,
            "kind": [f"kind {number % 3}" for number in range(SIZE)],
            "nothing": pa.array([None] * SIZE),
        }
    )


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Both ways to read the same catalogs."""

    engine: Engine
    database: LockedDatabase
    nowhere: Path
    """A folder that has no zone map."""

    def plan(self, adql: str, *, fetched: bool) -> Plan:
        """Plan a query; without zone maps everything is read by the database."""
        catalogs = self.engine.catalogs

        def stored(name: str) -> Stored:
            found = Stored(
                catalog=catalogs.get(name), collection=catalogs.collection(name), shards=catalogs.shards(name),
                pruning=catalogs.pruning(name),
            )  # fmt: skip
            return found if fetched else replace(found, pruning=Pruning(self.nowhere))

        return make_plan(self.engine.check(adql), MOST, Surroundings(stored=stored))

    def rows(self, plan: Plan) -> pa.Table:
        """Answer a plan of one step."""
        (step,) = plan.steps
        with self.database.answer(step.statement, {}) as rows:
            return rows.read_all()


def appended(catalogs: Path) -> None:
    """Add the sky as one to whose shards rows were appended in files of their own."""
    first, second = catalogs.with_name("first.parquet"), catalogs.with_name("second.parquet")
    pq.write_table(made().slice(0, SIZE // 2), first)
    pq.write_table(made().slice(SIZE // 2), second)
    add((first,), Wishes(name="sky", ra="ra", dec="dec", identifier="id", rows_per_shard=12_000), catalogs)
    append((second,), Increment(name="sky"), catalogs, None, Manner(most_anew=0))


@pytest.fixture(scope="module", params=["one file a shard", "several files a shard"])
def ways(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    home = tmp_path_factory.mktemp("fetched")
    install_samples(home / "catalogs")
    entry = Entry(name="sky", title="", position=Position(ra="ra", dec="dec"), identifier="id", rows_per_shard=12_000)
    if request.param == "one file a shard":
        install(made(), entry, home / "catalogs")
    else:
        appended(home / "catalogs")
    registry = CatalogRegistry(home / "catalogs")
    engine = Engine(registry, QueryLimits(), home / "spill")
    folders = [registry.collection(name).primary for name in registry.names()]
    database = LockedDatabase(folders, memory="1GB", spill=home / "spill", spill_megabytes=100)
    yield Ways(engine=engine, database=database, nowhere=home / "nowhere")
    engine.close()


def same(one: pa.Table, other: pa.Table, *, ordered: bool) -> None:
    assert one.schema == other.schema
    first, second = (
        list(zip(*(column.to_pylist() for column in table.columns), strict=True)) for table in (one, other)
    )
    if ordered:
        assert first == second
    else:
        assert sorted(map(repr, first)) == sorted(map(repr, second))


VALUES = st.lists(
    st.sampled_from([
        "id", "ra", "dec", "mag", "single", "whole", "short", "flag", "name", "kind", "mag + 1 AS more", "7 AS seven",
        "UPPER(name) AS loud", "ivo_healpix_index(5, ra, dec) AS cell", "DISTANCE(ra, dec, 80, 20) AS away", "id AS i",
    ]),
    min_size=1, max_size=6, unique=True,
)  # fmt: skip
CONE = st.builds(
    "1 = CONTAINS(POINT(ra, dec), CIRCLE({:.4f}, {:.4f}, {}))".format,
    st.floats(70, 90), st.floats(10, 30), st.sampled_from(["0.1", "1", "4", "30"]),
)  # fmt: skip
ID = st.builds("id = {}".format, st.integers(-5, SIZE + 5))
IDS = st.builds("id IN ({}, {})".format, st.integers(0, SIZE), st.integers(0, SIZE))
MORE = st.sampled_from(["mag < 15", "mag IS NULL", "single > 20", "kind = 'kind 1'", "short > 90"])
# Where nothing is limited, nothing is looked up in the zone map.
LIMITED = st.lists(st.one_of(CONE, ID, IDS, MORE), min_size=1, max_size=2).filter(
    lambda parts: {*parts} != {"mag IS NULL"}
)
WHERE = LIMITED.map(" AND ".join)
ORDER = st.sampled_from(["", "ORDER BY id", "ORDER BY 1, id", "ORDER BY mag DESC, id", "ORDER BY id DESC OFFSET 2"])


@settings(max_examples=30, deadline=None)
@given(values=VALUES, where=WHERE, order=ORDER, top=st.sampled_from(["", "TOP 5", "TOP 0"]))
def test_rows_are_those_of_the_files(ways: Ways, values: list[str], where: str, order: str, top: str) -> None:
    # Which rows are the first of an order that nobody asked for is not promised.
    adql = " ".join(
        ["SELECT", top if order or top == "TOP 0" else "", ", ".join(values), "FROM sky WHERE", where, order]
    )
    by_groups, by_database = ways.plan(adql, fetched=True), ways.plan(adql, fetched=False)
    assert by_groups.steps[0].statement.fetching.shown
    assert not by_database.steps[0].statement.fetching.tables
    same(ways.rows(by_groups), ways.rows(by_database), ordered=bool(order))


@pytest.mark.parametrize(
    ("adql", "tables"),
    [
        ("SELECT COUNT(*) AS n, MAX(mag) AS m, MIN(kind) AS k FROM sky WHERE DISTANCE(ra, dec, 80, 20) < 1", 1),
        ("SELECT DISTINCT kind FROM sky WHERE DISTANCE(ra, dec, 80, 20) < 1", 1),
        ("SELECT kind, COUNT(*) AS n FROM sky WHERE DISTANCE(ra, dec, 80, 20) < 1 GROUP BY kind", 1),
        ("SELECT a.id, b.id AS other, b.name FROM sky AS a JOIN sky AS b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) < 0.02 "
         "WHERE DISTANCE(a.ra, a.dec, 80, 20) < 0.5", 2),
        ("SELECT a.id, h.hip FROM sky AS a LEFT JOIN hipparcos AS h ON DISTANCE(a.ra, a.dec, h.ra, h.dec) < 0.5 "
         "WHERE a.id < 400", 1),
        ("SELECT id FROM sky WHERE id = 12 UNION ALL SELECT hip FROM hipparcos WHERE hip = 12", 2),
        ("SELECT id FROM sky WHERE id IN (SELECT hip FROM hipparcos WHERE hip < 40)", 1),
        ("SELECT * FROM sky WHERE mag > 900", 1),
        ("SELECT * FROM (SELECT id, mag FROM sky WHERE id < 9) AS few", 1),
        ("SELECT 1 AS one FROM sky WHERE DISTANCE(ra, dec, 80, 20) < 1", 1),
        ("SELECT * FROM hipparcos WHERE hip = 17702", 1),
    ],
)  # fmt: skip
def test_other_queries_read_them_too(ways: Ways, adql: str, tables: int) -> None:
    by_groups = ways.plan(adql, fetched=True)
    assert len(by_groups.steps[0].statement.fetching.tables) == tables
    same(ways.rows(by_groups), ways.rows(ways.plan(adql, fetched=False)), ordered=False)


def test_a_worker_gives_them(ways: Ways) -> None:
    adql = "SELECT * FROM sky WHERE DISTANCE(ra, dec, 80, 20) < 0.5"
    found = ways.engine.run(adql, MOST).table
    expected = ways.rows(ways.plan(adql, fetched=False))
    assert sorted(found["id"].to_pylist()) == sorted(expected["id"].to_pylist())
    assert found.num_rows > 10


def test_what_is_in_memory_at_once_is_bounded(ways: Ways) -> None:
    one = "SELECT hip, ra, dec FROM hipparcos WHERE vmag < 90"
    (step,) = ways.plan(" UNION ALL ".join([one] * 20), fetched=True).steps
    assert 0 < len(step.statement.fetching.tables) < 20
    assert step.statement.sql.count("READ_PARQUET") == 20 - len(step.statement.fetching.tables)


def test_a_catalog_in_place_is_read_by_the_database(ways: Ways, tmp_path: Path) -> None:
    root = ways.engine.catalogs.collection("hipparcos").root
    adopt(root, Wishes(name="theirs"), tmp_path / "catalogs", in_place=True)
    other = Engine(CatalogRegistry(tmp_path / "catalogs"), QueryLimits(), tmp_path / "spill")
    plan = other.plan("SELECT * FROM theirs WHERE DISTANCE(ra, dec, 80, 20) < 1", MOST)
    assert plan.steps[0].statement.fetching == Fetching()
    other.close()


def test_a_column_may_have_any_name(tmp_path: Path) -> None:
    names = {"id": "Row Number", "mag": "value 0", "single": "computed 0", "name": "stored"}
    table = made().rename_columns([names.get(name, name) for name in made().column_names])
    entry = Entry(name="sky", title="", position=Position(ra="ra", dec="dec"))
    install(table, entry, tmp_path / "catalogs")
    engine = Engine(CatalogRegistry(tmp_path / "catalogs"), QueryLimits(), tmp_path / "spill")
    adql = 'SELECT sky.*, "value 0" + 1 AS "row" FROM sky WHERE DISTANCE(ra, dec, 80, 20) < 0.5'
    assert not engine.plan(adql, MOST).steps[0].statement.fetching.shown
    result = engine.run(adql, MOST).table
    assert result.column_names == [*table.column_names, "row"]
    assert result.num_rows > 10
    engine.close()


@given(st.lists(st.integers(0, 60), max_size=20, unique=True).map(sorted), st.lists(st.integers(0, 60), max_size=40))
def test_ranges_hold_their_first_and_not_their_last(
    tmp_path_factory: pytest.TempPathFactory, ends: list[int], values: list[int]
) -> None:
    path = tmp_path_factory.mktemp("ranges") / "a.parquet"
    values.sort()
    pq.write_table(pa.table({"x": pa.array(values, pa.int64())}), path, row_group_size=7)
    groups = tuple(range(pq.read_metadata(path).num_row_groups))
    ranges = tuple(zip(ends[::2], ends[1::2], strict=False))
    fetch = Fetch(name="t", files=((str(path), groups),), columns=("x",), index="x", ranges=ranges)
    found = fetched(fetch, OpenFiles()).table
    assert found["x"].to_pylist() == [value for value in values if any(low <= value < high for low, high in ranges)]
    assert found[NUMBER].to_pylist() == list(range(found.num_rows))


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    path, files = tmp_path / "a.parquet", OpenFiles()
    for values in ([1, 2], [3]):
        pq.write_table(pa.table({"x": values}), tmp_path / "new.parquet")
        (tmp_path / "new.parquet").replace(path)
        assert files.get(str(path)).file.read()["x"].to_pylist() == values
        assert files.get(str(path)) is files.get(str(path))


@pytest.mark.parametrize("known", [False, True], ids=["unknown", "known"])
@pytest.mark.parametrize("harm", [Path.unlink, lambda path: os.truncate(path, 100)], ids=["lost", "cut short"])
def test_files_that_are_lost_or_cut_short_are_a_sentence(
    tmp_path: Path, harm: Callable[[Path], None], known: bool
) -> None:
    entry = Entry(name="sky", title="", position=Position(ra="ra", dec="dec"), identifier="id")
    install(made(), entry, tmp_path / "catalogs")
    engine = Engine(CatalogRegistry(tmp_path / "catalogs"), QueryLimits(), tmp_path / "spill")
    adql = "SELECT * FROM sky WHERE DISTANCE(ra, dec, 80, 20) < 1"
    if known:
        assert engine.run(adql, MOST).table.num_rows
    for shard in engine.catalogs.shards("sky"):
        harm(shard.path)
    with pytest.raises(Unavailable, match="can't be read"):
        engine.run(adql, MOST)
    engine.close()
