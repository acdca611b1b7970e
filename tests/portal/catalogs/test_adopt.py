"""HATS catalogs of others are used in place or by hard links, and answer like ours."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from uraniborg_portal.catalogs.adopt import adopt
from uraniborg_portal.catalogs.check import findings
from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.install import install
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Wishes
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.errors import BadParameter, Unavailable
from uraniborg_portal.settings import QueryLimits


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A collection that knows nothing of us."""
    table = pa.table(
        {
            "id": [1, 2, 3, 4],
            "ra": [10.0, 10.001, 45.0, 200.0],
            "dec": [5.0, 5.0, 0.001, -60.0],
            "name": ["a", None, "é", ""],
        }
    )
    install(table, Entry(name="their_sky", title="", position=Position(ra="ra", dec="dec")), tmp_path / "there")
    folder = tmp_path / "there" / "their_sky" / "v1"
    (folder / "catalog.json").unlink()
    return folder


@pytest.mark.parametrize("in_place", [True, False])
def test_a_collection_is_described_from_its_footers(theirs: Path, tmp_path: Path, in_place: bool) -> None:
    catalog = adopt(theirs, Wishes(name="sky", epoch=2016.0), tmp_path / "here", in_place=in_place)
    assert (catalog.rows, catalog.title, catalog.position.epoch) == (4, "their_sky", 2016.0)
    assert [column.name for column in catalog.columns] == ["id", "ra", "dec", "name"]
    assert (catalog.column("id").datatype, catalog.column("id").minimum, catalog.column("id").maximum) == ("long", 1, 4)
    assert (catalog.column("name").datatype, catalog.column("name").nulls) == ("unicodeChar", 1)
    registry = CatalogRegistry(tmp_path / "here")
    shards = registry.shards("sky")
    assert all(file.is_file() and file.is_relative_to(theirs) == in_place for shard in shards for file in shard.files)
    assert list(findings(registry, "sky")) == []


def test_removing_a_linked_catalog_leaves_its_files(theirs: Path, tmp_path: Path) -> None:
    adopt(theirs, Wishes(name="sky"), tmp_path / "here", in_place=True)
    CatalogRegistry(tmp_path / "here").remove("sky")
    assert (theirs / "collection.properties").is_file()


def test_a_linked_catalog_whose_files_went_says_so(theirs: Path, tmp_path: Path) -> None:
    adopt(theirs, Wishes(name="sky"), tmp_path / "here", in_place=True)
    registry = CatalogRegistry(tmp_path / "here")
    shutil.rmtree(theirs)
    assert registry.get("sky").rows == 4
    with pytest.raises(Unavailable, match="not at"):
        registry.shards("sky")


def test_a_catalog_whose_files_went_stops_no_query_of_others(theirs: Path, tmp_path: Path) -> None:
    adopt(theirs, Wishes(name="sky"), tmp_path / "here", in_place=True)
    adopt(theirs, Wishes(name="other"), tmp_path / "here", in_place=False)
    shutil.rmtree(theirs)
    with closing(Engine(CatalogRegistry(tmp_path / "here"), QueryLimits(), tmp_path / "spill")) as engine:
        assert engine.run("SELECT id FROM other WHERE dec > 1", 10).rows == 2
        with pytest.raises(Unavailable, match="not at"):
            engine.run("SELECT id FROM sky WHERE dec > 1", 10)


def test_hard_links_survive_the_loss_of_the_original(theirs: Path, tmp_path: Path) -> None:
    adopt(theirs, Wishes(name="sky"), tmp_path / "here", in_place=False)
    shutil.rmtree(theirs)
    assert list(findings(CatalogRegistry(tmp_path / "here"), "sky")) == []


def test_a_single_table_without_metadata_is_enough(theirs: Path, tmp_path: Path) -> None:
    table = theirs / "their_sky"
    for name in ("_metadata", "_common_metadata"):
        (table / "dataset" / name).unlink()
    catalog = adopt(table, Wishes(name="sky"), tmp_path / "here", in_place=True)
    assert (catalog.rows, catalog.column("ra").unit, catalog.column("id").minimum) == (4, "deg", None)
    assert CatalogRegistry(tmp_path / "here").shards("sky")[0].margin_files == ()


def test_shards_that_are_folders(theirs: Path, tmp_path: Path) -> None:
    table = theirs / "their_sky"
    for file in table.glob("dataset/Norder=*/Dir=*/*.parquet"):
        folder = file.with_suffix("")
        folder.mkdir()
        file.rename(folder / "part0.parquet")
    shutil.rmtree(table / "dataset" / "_metadata", ignore_errors=True)
    (table / "dataset" / "_metadata").unlink()
    path = table / "hats.properties"
    path.write_text(path.read_text().replace("hats_npix_suffix=.parquet", "hats_npix_suffix=/"))
    assert adopt(theirs, Wishes(name="sky"), tmp_path / "here", in_place=True).rows == 4
    shards = CatalogRegistry(tmp_path / "here").shards("sky")
    assert [shard.files[0].name for shard in shards] == ["part0.parquet"] * len(shards)


@pytest.mark.parametrize(
    ("damage", "match"),
    [
        (lambda table: (table / "partition_info.csv").write_text("x,y\n1,2\n"), "does not list partitions"),
        (lambda table: (table / "partition_info.csv").unlink(), "does not list partitions"),
        (lambda table: next(table.glob("dataset/*/*/*.parquet")).unlink(), "is missing"),
        (lambda table: (table / "hats.properties").write_text("obs_collection=x\n"), "has no positions"),
        (lambda table: (table.parent / "collection.properties").write_text("hats_primary_table_url=s3://x"), "inside"),
    ],
)  # fmt: skip
def test_damaged_catalogs_are_a_sentence(theirs: Path, tmp_path: Path, damage: object, match: str) -> None:
    damage(theirs / "their_sky")
    with pytest.raises(BadParameter, match=match):
        adopt(theirs, Wishes(name="sky"), tmp_path / "here", in_place=False)
    assert CatalogRegistry(tmp_path / "here").names() == ()
