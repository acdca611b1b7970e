"""The zone map says what each row group holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from uraniborg_portal.catalogs import layout, zones
from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.install import install
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.errors import NotFound


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    generator, size = np.random.default_rng(1), 60_000
    mag = generator.normal(15, 3, size)
    table = pa.table(
        {
            "id": generator.permutation(size),
            "ra": generator.uniform(0, 360, size),
            "dec": np.degrees(np.arcsin(generator.uniform(-1, 1, size))),
            "mag": pa.array(mag, mask=mag > 20),
            "none": pa.array([None] * size, pa.int32()),
            "name": ["a"] * size,
        }
    )
    folder = tmp_path_factory.mktemp("catalogs")
    entry = Entry(name="sky", title="", position=Position(ra="ra", dec="dec"), identifier="id", rows_per_shard=20_000)
    install(table, entry, folder)
    return layout.version_folder(folder, "sky", 1)


def test_every_row_group_is_there_with_its_bounds(version: Path) -> None:
    found = zones.load(version)
    shards = CatalogRegistry(version.parents[1]).shards("sky")
    assert set(found.columns) == {"id", "ra", "dec", "mag", "none"}
    assert found.rows.sum() == 60_000
    assert (found.first[1:] >= found.last[:-1]).all()
    groups = [(number, group) for number, shard in enumerate(shards) for group in range(-(-shard.rows // 8192))]
    assert list(zip(found.shard.tolist(), found.row_group.tolist(), strict=True)) == groups
    for at, (number, group) in enumerate(groups):
        assert (found.order[at], found.pixel[at]) == (shards[number].order, shards[number].pixel)
        rows = pq.ParquetFile(shards[number].path).read_row_group(group)
        index, mag = rows["_healpix_29"].to_numpy(), rows["mag"].drop_null().to_numpy()
        assert (found.rows[at], found.first[at], found.last[at]) == (len(index), index[0], index[-1])
        bounds = found.columns["mag"]
        assert (bounds.least[at], bounds.most[at]) == (mag.min(), mag.max())
        assert bounds.nulls[at] == rows["mag"].null_count
        assert found.columns["id"].least.dtype == np.int64


def test_nothing_is_within_the_bounds_of_no_values(version: Path) -> None:
    none = zones.load(version).columns["none"]
    assert not ((none.least <= 5) & (none.most >= 5)).any()


def test_a_catalog_of_others_has_none(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no zone map"):
        zones.load(tmp_path)
