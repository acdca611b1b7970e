"""An identifier leads to the shards that hold it, and to no other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from uraniborg_portal.catalogs import id_index, layout
from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.install import install
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.errors import NotFound

SIZE = 20_000


def installed(folder: Path, identifiers: pa.Array) -> tuple[Path, list[list[object]]]:
    """A version whose identifiers are these, and those of each shard."""
    generator = np.random.default_rng(2)
    ra, dec = generator.uniform(0, 360, SIZE), np.degrees(np.arcsin(generator.uniform(-1, 1, SIZE)))
    entry = Entry(name="sky", title="", position=Position(ra="ra", dec="dec"), identifier="id", rows_per_shard=1_000)
    install(pa.table({"id": identifiers, "ra": ra, "dec": dec}), entry, folder)
    shards = CatalogRegistry(folder).shards("sky")
    inside = [pq.ParquetFile(shard.path).read(["id"])["id"].to_pylist() for shard in shards]
    return layout.version_folder(folder, "sky", 1), inside


@pytest.mark.parametrize("part_rows", [3_000, id_index.PART_ROWS])
@pytest.mark.parametrize("kind", ["int", "text", "repeated", "small"])
def test_every_identifier_is_found(tmp_path: Path, kind: str, part_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(id_index, "PART_ROWS", part_rows)
    generator = np.random.default_rng(3)
    numbers = generator.permutation(SIZE) - 500
    values = {
        "int": pa.array(numbers * 10**14),
        "text": pa.array([f"\u00e9{number}" if number % 7 else None for number in numbers.tolist()]),
        "repeated": pa.array(numbers // 50),
        "small": pa.array((numbers // 50).astype(np.int16)),
    }[kind]
    version, inside = installed(tmp_path, values)
    assert len(inside) > 12
    some = [value for value in generator.choice(np.array(values.to_pylist(), object), 300) if value is not None]
    for value in some:
        holding = tuple(number for number, identifiers in enumerate(inside) if value in identifiers)
        assert id_index.find(version, [value]) == holding
    both = {number for value in some[:2] for number, identifiers in enumerate(inside) if value in identifiers}
    assert id_index.find(version, some[:2]) == tuple(sorted(both))


@pytest.mark.parametrize("value", [-(10**30), 10**30, -501 * 10**14, 7, "a", "", None, 1.5, float("nan")])
def test_what_no_row_has_is_in_no_shard(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    version, _ = installed(tmp_path_factory.mktemp("catalogs"), pa.array(np.arange(SIZE) * 10**10))
    assert id_index.find(version, [value]) == ()


def test_a_catalog_of_others_has_none(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no index"):
        id_index.find(tmp_path, [1])
