"""How many rows of a catalog lie in each HEALPix cell, from the index by which its rows are sorted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.dataset as dataset

from uraniborg_portal.catalogs import skymap
from uraniborg_portal.catalogs.layout import HEALPIX_ORDER, PARTITION_INFO
from uraniborg_portal.catalogs.models import Collection, Position, Shard
from uraniborg_portal.catalogs.shard import healpix_index
from uraniborg_portal.catalogs.shards import Shards
from uraniborg_portal.errors import Unavailable

ORDER = 10
"""Order of the counts that are kept: cells of 3.4 arcmin; at most 12.6 million of them, 100 MB."""
MOST_AT_ONCE = 5_000_000
"""Rows that are read at once."""

Cells = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows of one version of a catalog: where they are on disk, and which columns say where on the sky."""

    collection: Collection
    shards: Shards
    position: Position

    @property
    def here(self) -> bool:
        """Whether they are on this machine, so that rows can be counted in any cell."""
        return self.collection.origin is None

    @property
    def witnesses(self) -> tuple[Path, ...]:
        """Files that are as old as the version; shards that were fetched are younger."""
        if not self.here:
            return (self.collection.primary / PARTITION_INFO,)
        return tuple(path for shard in self.shards[:1] for path in shard.files)


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts:
    """Rows in the cells that have some."""

    order: int
    cells: Cells
    """Numbers of cells of that order (nested), rising."""
    rows: Cells
    """Rows in each of them."""

    def at(self, order: int) -> Counts:
        """Give the rows in cells of a coarser order, or of the same."""
        return self if order == self.order else _coarser(self, order)

    def inside(self, order: int, pixel: int, finer: int) -> Cells:
        """Give the rows in each cell of an order `finer` inside of one cell, zeros included; in nested order."""
        span, part = 4 ** (self.order - order), 2 * (self.order - finer)
        first, after = np.searchsorted(self.cells, [pixel * span, (pixel + 1) * span])
        inside = np.zeros(4 ** (finer - order), np.int64)
        np.add.at(inside, (self.cells[first:after] - pixel * span) >> part, self.rows[first:after])
        return inside


@lru_cache(maxsize=16)
def _coarser(counts: Counts, order: int) -> Counts:
    cells, first = np.unique(counts.cells >> (2 * (counts.order - order)), return_index=True)
    rows = np.add.reduceat(counts.rows, first) if len(cells) else counts.rows
    return Counts(order=order, cells=cells, rows=rows)


def count(rows: Rows) -> Counts:
    """Count the rows of a whole catalog in cells of `ORDER`; rows on another host in the cells of its map.

    Raises
    ------
    Unavailable
        Its files can't be read, or there is no map.
    """
    return counted_here(rows) if rows.here else mapped(rows.collection)


def mapped(collection: Collection) -> Counts:
    """Give what the map of a HATS table says, in cells of `ORDER` or of coarser ones; no row is read."""
    try:
        found = skymap.read(collection.primary)
    except (OSError, ValueError) as error:
        raise Unavailable(
            "Where this catalog has rows is not known: they are on another host, which has no map of them.",
            "Search it by position all the same.",
        ) from error
    cells = np.flatnonzero(found)
    counts = Counts(order=(len(found) // 12).bit_length() // 2, cells=cells, rows=found[cells])
    return counts.at(min(counts.order, ORDER))


def counted_here(rows: Rows) -> Counts:
    """Count rows that are on this machine; fails like `count`."""
    shift = 2 * (HEALPIX_ORDER - ORDER)
    counted = np.zeros(12 * 4**ORDER, np.uint32)
    for shard in rows.shards:
        for index in _pieces(rows, (shard,), None):
            cells, found = np.unique(index >> shift, return_counts=True)
            counted[cells] += found.astype(np.uint32)
    cells = np.flatnonzero(counted)
    return Counts(order=ORDER, cells=cells, rows=counted[cells].astype(np.int64))


def count_inside(rows: Rows, order: int, pixel: int, finer: int) -> Cells:
    """Count the rows in each cell of an order `finer` inside of one cell, zeros included; fails like `count`.

    Reads the row groups of that cell only, where rows are sorted.
    """
    first, after = pixel << 2 * (HEALPIX_ORDER - order), (pixel + 1) << 2 * (HEALPIX_ORDER - order)
    span = 4 ** (finer - order)
    counted = np.zeros(span, np.int64)
    near = [s for s in rows.shards if s.healpix_range[0] < after and s.healpix_range[1] > first]
    for index in _pieces(rows, near, (first, after)):
        cells = (index >> 2 * (HEALPIX_ORDER - finer)) - pixel * span
        counted += np.bincount(cells, minlength=span)
    return counted


def _pieces(rows: Rows, shards: Sequence[Shard], within: tuple[int, int] | None) -> list[Cells]:
    files = [str(path) for shard in shards for path in shard.files]
    if not files:
        return []
    try:
        return list(_indices(rows, files, within))
    except (OSError, KeyError, pa.ArrowException) as error:
        raise Unavailable(
            f"The rows of this catalog can't be read: {str(error).partition(chr(10))[0][:200]}.",
            "Whoever runs this portal finds what is wrong with: uraniborg catalog check NAME",
        ) from error


def _indices(rows: Rows, files: list[str], within: tuple[int, int] | None) -> list[Cells]:
    column = rows.collection.healpix_column
    sorted_by = column is not None and rows.collection.healpix_order == HEALPIX_ORDER
    source = dataset.dataset(files, format="parquet", partitioning=None)
    if sorted_by and column is not None:
        field = dataset.field(column)
        chosen = None if within is None else (field >= within[0]) & (field < within[1])
        batches = source.to_batches(columns=[column], filter=chosen, batch_size=MOST_AT_ONCE)
        return [np.asarray(batch[column]).astype(np.int64) for batch in batches]
    found = []
    for batch in source.to_batches(columns=[rows.position.ra, rows.position.dec], batch_size=MOST_AT_ONCE):
        ra, dec = (batch[name].to_numpy(zero_copy_only=False).astype(float) for name in batch.schema.names)
        index = healpix_index(ra, dec)
        found.append(index if within is None else index[(index >= within[0]) & (index < within[1])])
    return found
