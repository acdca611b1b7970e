"""Joins by identifier of rows that are stored beside each other: the rows of any join, in one step and in many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.coordinates import angular_separation
from hypothesis import given, settings
from hypothesis import strategies as st

from uraniborg_portal.catalogs.add import add
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Manner, Wishes
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.settings import QueryLimits

Row = Mapping[str, float | int | None]
OBJECTS, SOURCES = 160, 700
MANNER = Manner(max_bad=SOURCES, replace=True)
NOTHING: Row = dict.fromkeys(("id", "ra", "dec", "oid", "n", "mag", "objects_ra", "objects_dec"))


def objects(seed: int = 3) -> pa.Table:
    """Objects of which some lie on borders of cells, in one place, or have no identifier."""
    generator = np.random.default_rng(seed)
    ra, dec = generator.uniform(0, 360, OBJECTS), np.degrees(np.arcsin(generator.uniform(-1, 1, OBJECTS)))
    ra[:6], dec[:6] = [0, 45, 45, 90, 0, 180], [0, 0, 0, 41.8103149, 90, -90]
    numbers = [None if number % 20 == 19 else int(number * 3) for number in range(OBJECTS)]
    return pa.table({"id": pa.array(numbers, pa.int64()), "ra": ra, "dec": dec})


def sources() -> pa.Table:
    """Sources of half of the objects, several of each, and some of none."""
    generator = np.random.default_rng(4)
    numbers = generator.integers(0, OBJECTS // 2, SOURCES) * 3 + (np.arange(SOURCES) % 50 == 0)
    return pa.table({"oid": numbers, "n": np.arange(SOURCES), "mag": generator.uniform(10, 20, SOURCES)})


def installed(table: pa.Table, wishes: Wishes, folder: Path) -> None:
    pq.write_table(table, folder / f"{wishes.name}.parquet")
    add((folder / f"{wishes.name}.parquet",), wishes, folder / "catalogs", manner=MANNER)


@dataclass(frozen=True, kw_only=True)
class Sky:
    """Engines over the same tables, one of which cuts every query, and the tables as Python has them."""

    cut: Engine
    whole: Engine
    objects: list[Row]
    sources: list[Row]


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sky]:
    home = tmp_path_factory.mktemp("ids")
    installed(objects(), Wishes(name="objects", rows_per_shard=10), home)
    installed(sources(), Wishes(name="sources", of="objects", of_column="oid", identifier="n", rows_per_shard=40), home)
    registry = CatalogRegistry(home / "catalogs")
    values = (300, 1_000_000)
    cut, whole = (Engine(registry, QueryLimits(seconds=60, step_values=each), home / f"spill{each}") for each in values)
    known = {row["id"]: row for row in objects().to_pylist() if row["id"] is not None}
    places = ((row, known.get(row["oid"])) for row in sources().to_pylist())
    kept = [{**row, "objects_ra": at["ra"], "objects_dec": at["dec"]} for row, at in places if at]
    yield Sky(cut=cut, whole=whole, objects=objects().to_pylist(), sources=kept)
    cut.close()
    whole.close()


Cone = tuple[float, float, float]
COLUMNS = {"o": ("ra", "dec"), "s": ("objects_ra", "objects_dec")}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A join: of what, how, and which conditions stand in ON and WHERE."""

    first: str
    side: str
    on: tuple[tuple[str, object], ...]
    where: tuple[tuple[str, object], ...]
    comma: bool
    mirrored: bool

    def adql(self) -> str:
        names = {"o": "objects AS o", "s": "sources AS s"}
        second = "os".replace(self.first, "")
        equal = "s.oid = o.id" if self.mirrored else "o.id = s.oid"
        on, where = ([written(*each) for each in some] for some in (self.on, self.where))
        if self.comma and not self.side:
            source, where = f"{names[self.first]}, {names[second]}", [*on, equal, *where]
        else:
            source = f"{names[self.first]} {self.side} JOIN {names[second]} ON {' AND '.join([*on, equal])}"
        condition = f" WHERE {' AND '.join(where)}" if where else ""
        return " ".join(["SELECT o.id AS id, s.n AS n, o.ra AS ra FROM", source + condition])

    def rows(self, sky: Sky) -> Counter[tuple[object, ...]]:
        first, second = (sky.objects, sky.sources) if self.first == "o" else (sky.sources, sky.objects)
        of_first, of_second = ("id", "oid") if self.first == "o" else ("oid", "id")
        found, taken = [], set[int]()
        for a in first:
            pairs = [
                (number, b) for number, b in enumerate(second)
                if a[of_first] is not None and a[of_first] == b[of_second] and holds({**a, **b}, self.on)
            ]  # fmt: skip
            found += [{**NOTHING, **a, **b} for _, b in pairs]
            taken |= {number for number, _ in pairs}
            if not pairs and self.side in ("LEFT", "FULL"):
                found.append({**NOTHING, **a})
        if self.side in ("RIGHT", "FULL"):
            found += [{**NOTHING, **b} for number, b in enumerate(second) if number not in taken]
        kept = [row for row in found if holds(row, self.where)]
        return Counter((row["id"], row["n"], row["ra"]) for row in kept)


def written(kind: str, value: object) -> str:
    if kind == "mag":
        return f"s.mag < {value!r}"
    if kind == "id":
        return f"o.id < {value!r}"
    assert isinstance(value, tuple)
    ra, dec = COLUMNS[kind]
    return f"1 = CONTAINS(POINT({kind}.{ra}, {kind}.{dec}), CIRCLE({value[0]!r}, {value[1]!r}, {value[2]!r}))"


def holds(row: Row, conditions: tuple[tuple[str, object], ...]) -> bool:
    return all(one_holds(row, kind, value) for kind, value in conditions)


def one_holds(row: Row, kind: str, value: object) -> bool:
    if kind in ("mag", "id"):
        return row[kind] is not None and row[kind] < value
    assert isinstance(value, tuple)
    ra, dec = (row[name] for name in COLUMNS[kind])
    if ra is None or dec is None:
        return False
    apart = float(angular_separation(*np.radians([ra, dec, value[0], value[1]])))
    return bool(np.degrees(apart) <= value[2])


CONES = st.tuples(
    st.sampled_from([0.0, 45.0, 180.0]) | st.floats(0, 360), st.sampled_from([0.0, 89.0]) | st.floats(-90, 90),
    st.floats(0.5, 170),
)  # fmt: skip
CONDITIONS = st.lists(
    st.tuples(st.sampled_from(["o", "s"]), CONES)
    | st.tuples(st.just("mag"), st.floats(9, 21))
    | st.tuples(st.just("id"), st.integers(-1, 500)),
    max_size=2,
).map(tuple)
JOINS = st.builds(
    Asked, first=st.sampled_from("os"), side=st.sampled_from(["", "", "LEFT", "LEFT", "RIGHT", "FULL"]), on=CONDITIONS,
    where=CONDITIONS, comma=st.booleans(), mirrored=st.booleans(),
)  # fmt: skip


@pytest.mark.timeout(600)
@settings(max_examples=30, deadline=None)
@given(asked=JOINS)
def test_joins_have_the_rows_of_any_join(sky: Sky, asked: Asked) -> None:
    expected = asked.rows(sky)
    for engine in (sky.cut, sky.whole):
        found = engine.run(asked.adql(), 100_000).table
        assert Counter(zip(*(found[name].to_pylist() for name in ("id", "n", "ra")), strict=True)) == expected


@pytest.mark.parametrize(
    "source",
    [
        "objects o JOIN sources s ON o.id = s.oid",
        "sources s JOIN objects o ON s.mag > 0 AND o.id = s.oid",
        "objects o LEFT JOIN sources s ON s.oid = o.id",
        "sources s, objects o WHERE o.id = s.oid AND o.ra < 500",
        "objects o JOIN (sources s JOIN sources t ON s.n = t.n) ON o.id = s.oid",
        "sources s JOIN sources o ON s.oid = o.oid",
        "objects o JOIN objects s ON o.id = s.id",
    ],
)
def test_long_ones_are_cut_by_shards(sky: Sky, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # No table is small enough to be read anew in each step.
    monkeypatch.setattr("uraniborg_portal.engine.plan.SMALL", 0)
    adql = " ".join(["SELECT COUNT(*) AS n, MAX(o.ra) AS a FROM", source]).replace(
        "MAX(o.ra)", "MAX(o.oid)" if "sources o" in source else "MAX(o.ra)"
    )
    plan = sky.cut.plan(adql, 10)
    assert len(plan.steps) > 1
    assert sky.cut.run(adql, 10).table.to_pylist() == sky.whole.run(adql, 10).table.to_pylist()
    words = sky.cut.explain(adql, 10).words()
    assert "is joined by identifier with" in words


def shards_read(sky: Sky, adql: str) -> dict[str, tuple[int, int]]:
    return {each.catalog: (each.shards, each.of_shards) for each in sky.whole.plan(adql, 10).readings}


CONE = "1 = CONTAINS(POINT(o.ra, o.dec), CIRCLE(45, 0, 1))"
CONE_OF_CHILD = "1 = CONTAINS(POINT(s.objects_ra, s.objects_dec), CIRCLE(45, 0, 1))"


@pytest.mark.parametrize(
    ("source", "narrowed"),
    [
        ("objects o JOIN sources s ON o.id = s.oid WHERE CONE", {"objects", "sources"}),
        ("objects o JOIN sources s ON o.id = s.oid WHERE CHILD", {"objects", "sources"}),
        ("objects o LEFT JOIN sources s ON o.id = s.oid WHERE CONE", {"objects", "sources"}),
        ("objects o LEFT JOIN sources s ON o.id = s.oid WHERE CHILD", {"sources"}),
        ("objects o LEFT JOIN sources s ON o.id = s.oid AND CONE", set()),
        ("(SELECT id FROM objects o WHERE CONE) AS o JOIN sources s ON o.id = s.oid", {"objects", "sources"}),
        ("sources s WHERE s.oid IN (SELECT o.id FROM objects o WHERE CONE)", {"objects", "sources"}),
        ("sources s WHERE s.oid NOT IN (SELECT o.id FROM objects o WHERE CONE)", {"objects"}),
        ("objects o JOIN sources s ON o.id + 0 = s.oid WHERE CONE", {"objects"}),
        ("objects o JOIN sources s ON o.id = s.n WHERE CONE", {"objects"}),
        ("objects o JOIN sources s ON o.id = s.oid OR s.mag < 11 WHERE CONE", {"objects"}),
    ],
)
def test_a_cone_on_one_narrows_the_other(sky: Sky, source: str, narrowed: set[str]) -> None:
    written = source.replace("CONE", CONE).replace("CHILD", CONE_OF_CHILD)
    read = shards_read(sky, " ".join(["SELECT COUNT(*) AS n FROM", written]))
    assert {name for name, (shards, of) in read.items() if shards < of / 4} == narrowed


@pytest.mark.parametrize(
    ("source", "narrowed", "rows"),
    [
        ("sources s WHERE s.oid = 45", {"sources"}, {45}),
        ("sources s WHERE s.oid IN (45, 90, 1)", {"sources"}, {45, 90}),
        ("sources s WHERE s.oid = 1", {"sources"}, set()),
        ("sources s WHERE s.oid < 45", set(), set(range(45))),
        ("objects o JOIN sources s ON o.id = s.oid WHERE o.id = 45", {"objects", "sources"}, {45}),
        ("objects o JOIN sources s ON o.id = s.oid WHERE s.oid = 45", {"objects", "sources"}, {45}),
        ("objects o LEFT JOIN sources s ON o.id = s.oid WHERE o.id IN (45, 90)", {"objects", "sources"}, {45, 90}),
    ],
)
def test_rows_of_a_named_object_are_read_where_it_is(sky: Sky, source: str, narrowed: set[str], rows: set[int]) -> None:
    read = shards_read(sky, " ".join(["SELECT COUNT(*) AS n FROM", source]))
    assert {name for name, (shards, of) in read.items() if shards < of / 4} == narrowed
    found = sky.whole.run(" ".join(["SELECT s.n FROM", source]), 10_000).table["n"].to_pylist()
    assert sorted(found) == sorted(row["n"] for row in sky.sources if row["oid"] in rows)


def test_using_and_natural_joins_are_such_joins(tmp_path: Path) -> None:
    installed(objects(), Wishes(name="objects", rows_per_shard=10), tmp_path)
    named = sources().rename_columns({"oid": "id"})
    installed(named, Wishes(name="sources", of="objects", rows_per_shard=40), tmp_path)
    engine = Engine(CatalogRegistry(tmp_path / "catalogs"), QueryLimits(step_values=150), tmp_path / "spill")
    try:
        for source in ("objects o JOIN sources s USING (id)", "sources s NATURAL JOIN objects o"):
            adql = " ".join(["SELECT COUNT(*) AS n FROM", source])
            assert len(engine.plan(adql, 10).steps) > 3
            assert engine.run(adql, 10).table["n"].to_pylist() == [engine.catalogs.get("sources").rows]
    finally:
        engine.close()


def test_rows_of_a_director_that_moved_are_found(tmp_path: Path) -> None:
    installed(objects(), Wishes(name="objects", rows_per_shard=10), tmp_path)
    installed(sources(), Wishes(name="sources", of="objects", of_column="oid", rows_per_shard=40), tmp_path)
    engine = Engine(CatalogRegistry(tmp_path / "catalogs"), QueryLimits(step_values=150), tmp_path / "spill")
    adql = "SELECT COUNT(*) AS n FROM objects o JOIN sources s ON o.id = s.oid"
    try:
        before = engine.run(adql, 10).table.to_pylist()
        assert "by identifier" in engine.explain(adql, 10).words()
        installed(objects(seed=8), Wishes(name="objects", rows_per_shard=10), tmp_path)
        assert "by identifier" not in engine.explain(adql, 10).words()
        assert engine.run(adql, 10).table.to_pylist() == before
    finally:
        engine.close()


def test_tap_schema_has_the_keys(sky: Sky) -> None:
    adql = (
        "SELECT k.from_table, c.from_column, k.target_table, c.target_column FROM TAP_SCHEMA.keys AS k "
        "JOIN TAP_SCHEMA.key_columns AS c ON k.key_id = c.key_id WHERE k.from_table = 'sources'"
    )
    assert [tuple(row.values()) for row in sky.whole.run(adql, 10).table.to_pylist()] == [
        ("sources", "oid", "objects", "id")
    ]
