"""Rows are counted where they are, whatever index a catalog has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from uraniborg_portal.catalogs.install import Entry, install
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.shard import healpix_index
from uraniborg_portal.density.counts import ORDER, Rows, count, count_inside
from uraniborg_portal.errors import Unavailable

ROWS = 3000


@pytest.fixture(scope="module")
def sky() -> tuple[np.ndarray, np.ndarray]:
    """Positions all over the sky, half of them in one place."""
    random = np.random.default_rng(5)
    ra = np.where(np.arange(ROWS) % 2, random.uniform(0, 360, ROWS), random.uniform(10, 10.5, ROWS))
    return ra, np.degrees(np.arcsin(np.where(np.arange(ROWS) % 2, random.uniform(-1, 1, ROWS), 0.3)))


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory, sky: tuple[np.ndarray, np.ndarray]) -> Rows:
    """A catalog of them in several shards."""
    folder, position = tmp_path_factory.mktemp("catalogs"), Position(ra="ra", dec="dec")
    table = pa.table({"ra": sky[0], "dec": sky[1]})
    install(table, Entry(name="sky", title="Sky", position=position, rows_per_shard=400), folder)
    registry = CatalogRegistry(folder)
    return Rows(collection=registry.collection("sky"), shards=registry.shards("sky"), position=position)


@pytest.mark.parametrize("indexed", [True, False])
def test_cells_hold_the_rows_that_are_there(rows: Rows, sky: tuple[np.ndarray, np.ndarray], *, indexed: bool) -> None:
    if not indexed:
        rows = replace(rows, collection=replace(rows.collection, healpix_column=None))
    expected = healpix_index(*sky) >> 2 * (29 - ORDER)
    counts = count(rows)
    assert np.array_equal(counts.cells, np.unique(expected)) and counts.rows.sum() == ROWS
    for order in (0, 3, ORDER):
        coarse = counts.at(order)
        cells, numbers = np.unique(expected >> 2 * (ORDER - order), return_counts=True)
        assert np.array_equal(coarse.cells, cells) and np.array_equal(coarse.rows, numbers)


@pytest.mark.parametrize("indexed", [True, False])
def test_finer_cells_are_counted_from_the_files(
    rows: Rows, sky: tuple[np.ndarray, np.ndarray], *, indexed: bool
) -> None:
    if not indexed:
        rows = replace(rows, collection=replace(rows.collection, healpix_column=None))
    counts, index = count(rows), healpix_index(*sky)
    for pixel in counts.at(3).cells[::37]:
        inside = count_inside(rows, 3, int(pixel), 12)
        mine = index[index >> 2 * 26 == pixel] >> 2 * 17
        assert inside.sum() == len(mine) and np.array_equal(np.flatnonzero(inside) + (pixel << 18), np.unique(mine))
        assert np.array_equal(inside.reshape(-1, 16).sum(axis=1), counts.inside(3, int(pixel), 10))


def test_a_cell_without_rows_and_files_that_are_gone(rows: Rows, tmp_path: Path) -> None:
    empty = next(pixel for pixel in range(12 * 4**9) if pixel not in count(rows).at(9).cells)
    assert not count_inside(rows, 9, empty, 12).any()
    gone = replace(rows, shards=tuple(replace(shard, path=tmp_path / "gone.parquet") for shard in rows.shards))
    with pytest.raises(Unavailable, match="can't be read"):
        count(gone)
