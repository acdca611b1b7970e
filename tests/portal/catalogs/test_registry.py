"""The registry knows what is installed, and describes it without reading rows."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.catalogs import versions
from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.install import install
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.statistics import Note
from uraniborg_portal.errors import NotFound, Unavailable


@pytest.fixture
def registry(tmp_path: Path) -> CatalogRegistry:
    table = pa.table({"name": ["a", "é", None], "ra": [10.0, 10.001, 200.0], "dec": [5.0, 5.0, -30.0]})
    for name in ("alpha", "beta"):
        entry = Entry(
            name=name,
            title=name.title(),
            position=Position(ra="ra", dec="dec", epoch=2000.0),
            notes={"ra": Note(unit="deg")},
        )
        install(table, entry, tmp_path)
    return CatalogRegistry(tmp_path)


def test_names_descriptions_and_shards(registry: CatalogRegistry) -> None:
    assert registry.names() == ("alpha", "beta")
    catalog = registry.get("ALPHA")
    assert (catalog.name, catalog.title, catalog.rows, catalog.position.epoch) == ("alpha", "Alpha", 3, 2000.0)
    assert [column.name for column in catalog.columns] == ["name", "ra", "dec"]
    assert (catalog.column("name").datatype, catalog.column("name").nulls) == ("unicodeChar", 1)
    shards = registry.shards("alpha")
    assert sum(shard.rows for shard in shards) == 3
    assert all(file.is_file() for shard in shards for file in (*shard.files, *shard.margin_files))
    with pytest.raises(FrozenInstanceError):
        shards[0].rows = 7


def test_an_empty_or_missing_folder_has_no_catalogs(tmp_path: Path) -> None:
    assert CatalogRegistry(tmp_path).names() == ()
    assert CatalogRegistry(tmp_path / "nothing").all() == ()


def test_unknown_names_get_the_nearest(registry: CatalogRegistry) -> None:
    with pytest.raises(NotFound, match="'alfa'") as caught:
        registry.get("alfa")
    assert caught.value.suggestions == ("alpha",)


@given(st.text(max_size=30))
def test_no_text_opens_another_folder(name: str) -> None:
    with pytest.raises(NotFound):
        CatalogRegistry(Path(__file__).parent).get(name)


@pytest.mark.parametrize("name", ["..", "../alpha", "alpha/v1", "", "\x00", "a" * 10_000, "."])
def test_paths_are_no_names(registry: CatalogRegistry, name: str) -> None:
    with pytest.raises(NotFound):
        registry.shards(name)


def test_what_another_process_adds_and_removes_is_seen(registry: CatalogRegistry) -> None:
    other = CatalogRegistry(registry.folder)
    assert registry.get("beta")
    other.remove("beta")
    assert registry.names() == ("alpha",)
    with pytest.raises(NotFound):
        registry.get("beta")


def test_descriptions_can_change(registry: CatalogRegistry) -> None:
    other = CatalogRegistry(registry.folder)
    assert other.get("alpha").licence == ""
    registry.describe("alpha", licence="CC0-1.0", citation="Brahe 1598")
    assert (other.get("alpha").licence, other.get("alpha").citation) == ("CC0-1.0", "Brahe 1598")


def test_unfinished_catalogs_are_not_listed(registry: CatalogRegistry) -> None:
    (registry.folder / ".incoming-gamma-x" / "v1").mkdir(parents=True)
    (registry.folder / "delta").mkdir()
    assert registry.names() == ("alpha", "beta")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 2}', '{"format": 1}', '{"format": 1, "catalog": {}}'])
def test_a_damaged_description_is_a_sentence(registry: CatalogRegistry, content: str) -> None:
    (registry.folder / "alpha" / "v1" / "catalog.json").write_text(content)
    with pytest.raises(Unavailable, match="catalog description"):
        registry.get("alpha")
    assert [catalog.name for catalog in registry.all()] == ["beta"]
    registry.remove("alpha")
    assert registry.names() == ("beta",)


def test_a_version_is_seen_once_it_is_published(registry: CatalogRegistry) -> None:
    import shutil

    folder = registry.folder / "alpha"
    shutil.copytree(folder / "v1", folder / "v10")
    path = folder / "v10" / "catalog.json"
    content = json.loads(path.read_text())
    content["catalog"]["title"] = "Newer"
    path.write_text(json.dumps(content))
    assert registry.get("alpha").title == "Alpha"
    versions.publish(registry.folder, "alpha", 10)
    assert registry.get("alpha").title == "Newer"
    (folder / "current").unlink()
    # Catalogs of before have no such file: the highest version is the current one.
    assert registry.get("alpha").title == "Newer"
