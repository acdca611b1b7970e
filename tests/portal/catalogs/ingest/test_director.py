"""Rows that belong to those of another catalog lie in their cells, and what names no row there is kept aside."""

from __future__ import annotations

import csv
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import lsdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hats.io.validation import is_valid_catalog

from uraniborg_portal.catalogs import declared, layout
from uraniborg_portal.catalogs.add import Steps, add
from uraniborg_portal.catalogs.append import append
from uraniborg_portal.catalogs.apply import apply
from uraniborg_portal.catalogs.check import findings
from uraniborg_portal.catalogs.ingest.director import LOOKING
from uraniborg_portal.catalogs.ingest.finish import SHARDS
from uraniborg_portal.catalogs.ingest.mapping import READING
from uraniborg_portal.catalogs.models import Catalog, Readers
from uraniborg_portal.catalogs.readable import readers_to_be
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Increment, Manner, Wishes
from uraniborg_portal.errors import BadParameter, Conflict, NotFound

OBJECTS, SOURCES = 300, 2_000
LAX, ANEW = Manner(max_bad=SOURCES), Manner(replace=True)
OF = Wishes(name="sources", of="objects", of_column="object_id", rows_per_shard=100)


def saved(table: pa.Table, path: Path) -> Path:
    pq.write_table(table, path)
    return path


def objects(kind: str, size: int = OBJECTS) -> pa.Table:
    """Objects of which a third lie in one field, one of them on the border of cells."""
    generator = np.random.default_rng(5)
    ra, dec = generator.uniform(0, 360, size), np.degrees(np.arcsin(generator.uniform(-1, 1, size)))
    ra[:100], dec[:100] = 80 + generator.normal(0, 0.02, 100), -69 + generator.normal(0, 0.01, 100)
    ra[0], dec[0] = 45.0, 0.0
    return pa.table({"id": names(np.arange(size) * 7 + 1, kind), "ra": ra, "dec": dec})


def names(numbers: np.ndarray[tuple[int], np.dtype[np.int64]], kind: str) -> pa.Array:
    return pa.array([f"o{number}" for number in numbers] if kind == "text" else numbers)


def sources(kind: str, seed: int = 1) -> pa.Table:
    """Sources of the first half of the objects, with positions of their own, some without an object."""
    generator = np.random.default_rng(seed)
    numbers = generator.integers(0, OBJECTS // 2, SOURCES) * 7 + 1
    numbers[::100] = 5
    named = names(numbers, kind).to_pylist()
    named[3] = None
    place = {name: generator.uniform(0, 90, SOURCES) for name in ("ra", "dec")}
    return pa.table({"object_id": pa.array(named), **place, "mag": generator.normal(20, 1, SOURCES)})


def rows_of(folder: Path, name: str) -> pa.Table:
    files = [file for shard in CatalogRegistry(folder).shards(name) for file in shard.files]
    return pa.concat_tables([pq.ParquetFile(file).read() for file in files])


def pairs_of(rows: pa.Table, column: str) -> set[tuple[object, int]]:
    """Values of a column, each with its cell of order 29."""
    return set(zip(rows[column].to_pylist(), rows[layout.HEALPIX_COLUMN].to_pylist(), strict=True))


@pytest.fixture(params=["number", "text"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path, kind: str) -> Path:
    made = tmp_path / "catalogs"
    add((saved(objects(kind), tmp_path / "objects.parquet"),), Wishes(name="objects", rows_per_shard=50), made)
    saved(sources(kind), tmp_path / "sources.parquet")
    return made


def added(folder: Path, wishes: Wishes = OF) -> Catalog:
    return add((folder.parent / "sources.parquet",), wishes, folder, manner=LAX)


def test_rows_lie_in_the_cells_of_those_that_they_name(folder: Path, kind: str) -> None:
    made, given = added(folder), sources(kind)
    known = objects(kind)["id"].to_pylist()
    found = rows_of(folder, "sources")
    assert pairs_of(found, "object_id") <= pairs_of(rows_of(folder, "objects"), "id")
    kept = [row for row in given.to_pylist() if row["object_id"] in known]
    assert made.rows == len(kept) == found.num_rows
    assert sorted(found["mag"].to_pylist()) == sorted(row["mag"] for row in kept)
    assert sorted(found["ra"].to_pylist()) == sorted(row["ra"] for row in kept)
    assert (made.position.ra, made.position.dec) == ("objects_ra", "objects_dec")
    assert made.of and (made.of.catalog, made.of.identifier, made.of.column) == ("objects", "id", "object_id")
    assert list(findings(CatalogRegistry(folder), "sources")) == []


def test_what_names_no_row_is_kept_aside(folder: Path, kind: str) -> None:
    wrong = "o5" if kind == "text" else 5
    message = rf"21 rows can't be used, 20 may be kept aside; .*'object_id' is {wrong!r}: objects has no row of this id"
    with pytest.raises(BadParameter, match=message):
        add((folder.parent / "sources.parquet",), OF, folder, manner=Manner(max_bad=20))
    added(folder)
    with (folder / "sources" / "v1" / layout.REJECTED / "rows.csv").open(newline="") as file:
        rejected = list(csv.DictReader(file))
    assert [int(row["line"]) for row in rejected] == sorted([4, *range(1, SOURCES, 100)])
    assert "'object_id' is empty: it names no row of objects" in {row["reason"] for row in rejected}


def test_lsdb_opens_it(folder: Path) -> None:
    made = added(folder)
    version = folder / "sources" / "v1"
    assert is_valid_catalog(version / "sources")
    opened = lsdb.open_catalog(version)
    info = opened.hc_structure.catalog_info
    assert (info.catalog_type, info.ra_column, info.dec_column) == ("source", "objects_ra", "objects_dec")
    assert len(opened) == made.rows


def test_rows_are_appended_beside_those_that_they_name(folder: Path, kind: str) -> None:
    added(folder)
    more = saved(sources(kind, seed=2), folder.parent / "more.parquet")
    made = append((more,), Increment(name="sources"), folder, manner=LAX)
    other = folder.parent / "other"
    add((folder.parent / "objects.parquet",), Wishes(name="objects", rows_per_shard=50), other)
    whole = add((folder.parent / "sources.parquet", more), OF, other, manner=LAX)
    assert made.rows == whole.rows
    assert rows_of(folder, "sources") == rows_of(other, "sources")


def test_director_that_grows_is_followed_and_one_that_is_replaced_is_not(folder: Path, kind: str) -> None:
    before = added(folder)
    registry = CatalogRegistry(folder)
    more = objects(kind, OBJECTS + 50).slice(OBJECTS)
    grown = append((saved(more, folder.parent / "more.parquet"),), Increment(name="objects"), folder)
    assert before.homes("object_id") & grown.homes("id")
    assert list(findings(registry, "sources")) == []
    again = append((folder.parent / "sources.parquet",), Increment(name="sources"), folder, manner=LAX)
    assert again.of and again.of.version == int(grown.version)

    moved = objects(kind).set_column(2, "dec", pa.array(objects(kind)["dec"].to_numpy()[::-1]))
    replaced = add((saved(moved, folder.parent / "moved.parquet"),), Wishes(name="objects"), folder, manner=ANEW)
    assert not again.homes("object_id") & replaced.homes("id")
    (finding,) = findings(registry, "sources")
    assert not finding.serious
    assert "joins by object_id" in finding.text
    with pytest.raises(Conflict, match="belong to version v2 of 'objects'; version v3 has other rows"):
        append((folder.parent / "sources.parquet",), Increment(name="sources"), folder, manner=LAX)
    registry.remove("objects")
    assert [finding.serious for finding in findings(registry, "sources")] == [False]


def test_rows_may_belong_to_rows_that_belong_to_others(folder: Path, kind: str) -> None:
    table = sources(kind).append_column("source_id", pa.array(np.arange(SOURCES)))
    saved(table, folder.parent / "sources.parquet")
    assert added(folder).unique
    flags = pa.table({"source_id": np.arange(1, SOURCES, 5), "flag": np.arange(1, SOURCES, 5) % 3})
    wishes = Wishes(name="flags", of="sources")
    add((saved(flags, folder.parent / "flags.parquet"),), wishes, folder, manner=LAX)
    found = pairs_of(rows_of(folder, "flags"), "source_id")
    assert found
    assert found <= pairs_of(rows_of(folder, "sources"), "source_id")


class Stopped(Exception):
    """What ends an ingest as a kill does: at once, and what is finished stays."""


def content(version: Path) -> dict[str, bytes]:
    return {str(path.relative_to(version)): path.read_bytes() for path in version.rglob("*") if path.is_file()}


@pytest.mark.parametrize("stage", [LOOKING, READING, SHARDS])
def test_one_that_was_stopped_goes_on(tmp_path: Path, stage: str) -> None:
    table, parts = sources("text"), (0, 600, 1300, SOURCES)
    files = tuple(
        saved(table.slice(first, last - first), tmp_path / f"{first}.parquet") for first, last in pairwise(parts)
    )
    for name in ("quiet", "stopped"):
        add((saved(objects("text"), tmp_path / "objects.parquet"),), Wishes(name="objects"), tmp_path / name)

    def stop(now: str, part: float) -> None:
        if now == stage:
            raise Stopped

    with pytest.raises(Stopped):
        add(files, OF, tmp_path / "stopped", Steps(progress=stop), LAX)
    assert "sources" not in CatalogRegistry(tmp_path / "stopped").names()
    add((), OF, tmp_path / "stopped", manner=replace(LAX, resume=True))
    add(files, OF, tmp_path / "quiet", manner=LAX)
    assert content(tmp_path / "stopped" / "sources" / "v1") == content(tmp_path / "quiet" / "sources" / "v1")


def test_its_readers_are_those_of_its_director(tmp_path: Path) -> None:
    folder, staff = tmp_path / "catalogs", Readers(groups=("staff",))
    add((saved(objects("number"), tmp_path / "objects.parquet"),), Wishes(name="objects", readers=staff), folder)
    registry = CatalogRegistry(folder)
    assert readers_to_be(registry, "sources", None, "objects") == staff
    assert readers_to_be(registry, "sources", "everyone", "objects") is None
    assert readers_to_be(registry, "sources", None, None) is None
    saved(sources("number"), tmp_path / "sources.parquet")
    add((tmp_path / "sources.parquet",), OF, folder, manner=LAX)
    assert readers_to_be(registry, "sources", None, "objects") is None


def test_text_files_give_numbers(tmp_path: Path) -> None:
    folder = tmp_path / "catalogs"
    add((saved(objects("number"), tmp_path / "objects.parquet"),), Wishes(name="objects"), folder)
    (tmp_path / "points.csv").write_text("id,mjd\n8,1.5\nx8,2.5\n15,3.5\n,4.5\n5,1\n")
    add((tmp_path / "points.csv",), Wishes(name="points", of="objects"), folder, manner=LAX)
    assert sorted(rows_of(folder, "points")["mjd"].to_pylist()) == [1.5, 3.5]
    with (folder / "points" / "v1" / layout.REJECTED / "rows.csv").open(newline="") as file:
        lines = {int(row["line"]): row["reason"] for row in csv.DictReader(file)}
    assert sorted(lines) == [3, 5, 6]
    assert "int64" in lines[3]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"of_column": "star"}, "No column is called 'star'"),
        ({"of_column": None}, "No column is called 'id'"),
        ({"of": "galaxies"}, "No catalog is named 'galaxies'"),
        ({"of": "twice"}, "'twice' has rows that 'id' does not tell apart"),
        ({"of": "nameless"}, "'nameless' has no column whose value names a row"),
        ({"of_column": "mag"}, r"holds values \(double\)|Float value"),
    ],
)
def test_what_can_belong_to_nothing_is_refused(tmp_path: Path, change: dict[str, str | None], message: str) -> None:
    folder, table = tmp_path / "catalogs", objects("number")
    saved(sources("number"), tmp_path / "sources.parquet")
    add((saved(table, tmp_path / "objects.parquet"),), Wishes(name="objects"), folder)
    others = {"twice": pa.concat_tables([table, table.slice(0, 1)]), "nameless": table.drop_columns(["id"])}
    for name, other in others.items():
        add((saved(other, tmp_path / f"{name}.parquet"),), Wishes(name=name), folder)
    with pytest.raises((BadParameter, Conflict, NotFound), match=message):
        added(folder, replace(OF, **change))
    assert "sources" not in CatalogRegistry(folder).names()


@pytest.mark.parametrize("more", [{"ra": "ra", "dec": "dec"}, {"epoch": 2016.0}])
def test_positions_of_its_own_are_no_wish(more: dict[str, object]) -> None:
    with pytest.raises(BadParameter, match="have the positions and the epoch of those of objects"):
        replace(OF, **more)
    with pytest.raises(BadParameter, match="names rows of no catalog"):
        Wishes(name="sources", of_column="object_id")
    with pytest.raises(BadParameter, match="can't belong to its own"):
        Wishes(name="sources", of="sources")


def test_declared_ones_are_made_anew_when_their_director_moved(tmp_path: Path) -> None:
    folder, file = tmp_path / "catalogs", saved(objects("number"), tmp_path / "objects.parquet")
    saved(sources("number"), tmp_path / "sources.parquet")
    said = tmp_path / "declared.toml"
    said.write_text(
        'name = "sources"\nof = "objects"\nid = "object_id"\nsources = ["sources.parquet"]\n[options]\nmax_bad = 100\n'
    )
    add((file,), Wishes(name="objects"), folder)
    assert apply(said, folder).changed
    assert not apply(said, folder).changed
    add((file,), Wishes(name="objects", title="The same"), folder, manner=ANEW)
    assert not apply(said, folder).changed
    add((saved(objects("number", 200), file),), Wishes(name="objects"), folder, manner=ANEW)
    again = apply(said, folder)
    assert again.changed
    assert again.catalog.of
    assert again.catalog.of.version == 3
    assert not apply(said, folder).changed
    assert declared.declaration(said).of == "objects"
