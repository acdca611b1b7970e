"""Which shards a version has after rows were appended, and which of them stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from cdshealpix import nested

from uraniborg_portal.catalogs import layout, shard
from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.ingest import cut as cuts
from uraniborg_portal.catalogs.ingest import pieces
from uraniborg_portal.catalogs.ingest.base import Opened
from uraniborg_portal.catalogs.ingest.cut import Cells, Counted
from uraniborg_portal.catalogs.shard import Indices

AT_ONCE = 1_000_000
"""Cells whose neighbours are looked up at once."""


@dataclass(frozen=True, kw_only=True)
class Refined:
    """The shards of the new version: those of one that is made of all rows at once."""

    cells: Cells
    kept: Cells
    """Those that gain no row."""
    margins: Cells
    """Those of `kept` whose margin gains none, either."""


def refined(before: Opened, added: tuple[Path, ...], entry: Entry) -> Refined:
    """Choose the shards of a version and the sorted pieces `added` to it.

    A shard that gains rows is split in four where it has more than `entry.rows_per_shard`; where there was none, the
    coarsest cell that touches none is one.
    """
    finest = min(shard.MAX_ORDER, shard.margin_order(entry.margin_arcsec))
    fresh = cuts.added([cuts.counted(_index(path), finest) for path in added])
    old, numbers = before.shards, before.numbers
    at = np.searchsorted(old.starts, fresh.index, "right") - 1
    inside = (at >= 0) & (fresh.index < old.ends[at])
    gained = np.bincount(at[inside], fresh.rows[inside], len(old)).astype(np.int64)
    full = (gained > 0) & (old.rows + gained > entry.rows_per_shard) & (numbers[:, 0] < finest)
    found = _pairs(numbers[~full])
    for number in np.flatnonzero(full).tolist():
        own = cuts.counted(before.index(number), finest)
        found += _planned(cuts.added([own, fresh.of(inside & (at == number))]), entry.rows_per_shard, finest)
    found += _outside(fresh.of(~inside), old.starts, old.ends, entry.rows_per_shard)
    cells = tuple(sorted(found, key=lambda cell: cell[1] << (2 * (layout.HEALPIX_ORDER - cell[0]))))
    kept = _pairs(numbers[gained == 0])
    touched = _touched(cells, added, entry.margin_arcsec)
    return Refined(cells=cells, kept=tuple(kept), margins=tuple(cell for cell in kept if cell not in touched))


def _planned(counted: Counted, rows_per_shard: int, finest: int) -> list[tuple[int, int]]:
    before = np.concatenate([[0], np.cumsum(counted.rows)])
    return [(cell.order, cell.pixel) for cell in shard.plan(counted.index, rows_per_shard, finest, before)]


def _outside(fresh: Counted, starts: Indices, ends: Indices, rows_per_shard: int) -> list[tuple[int, int]]:
    """Choose the shards of rows where there was none; `starts` and `ends` are those of the shards there are."""
    homes = _homes(fresh, starts, ends)
    found: list[tuple[int, int]] = []
    for order, pixel in np.unique(homes, axis=0).tolist():
        inside = fresh.of((homes == (order, pixel)).all(axis=1))
        few = inside.rows.sum() <= rows_per_shard or order >= fresh.order
        found += [(order, pixel)] if few else _planned(inside, rows_per_shard, fresh.order)
    return found


def _homes(fresh: Counted, starts: Indices, ends: Indices) -> Indices:
    """Give order and pixel of the coarsest cell around each counted cell that touches no shard."""
    at = np.searchsorted(starts, fresh.index, "right")
    low = np.concatenate([[0], ends])[at]
    high = np.append(starts, layout.CELLS)[at]
    homes = np.full((len(fresh.index), 2), -1, np.int64)
    for order in range(fresh.order + 1):
        shift = 2 * (layout.HEALPIX_ORDER - order)
        pixel = fresh.index >> shift
        fits = (homes[:, 0] < 0) & (pixel << shift >= low) & ((pixel + 1) << shift <= high)
        homes[fits, 0], homes[fits, 1] = order, pixel[fits]
    return homes


def _touched(cells: Cells, added: tuple[Path, ...], arcsec: float) -> set[tuple[int, int]]:
    """Give the cells that hold rows of the pieces, or have such in their margins."""
    orders, pixels = np.array(cells, np.int64).T
    shift = 2 * (layout.HEALPIX_ORDER - orders)
    starts, ends = pixels << shift, (pixels + 1) << shift
    hit = np.zeros(len(cells), np.bool_)
    for path in added:
        for places in _around(_index(path), shard.margin_order(arcsec)):
            at = np.searchsorted(starts, places, "right") - 1
            hit[at[(at >= 0) & (places < ends[at])]] = True
    return {cells[number] for number in np.flatnonzero(hit).tolist()}


def _around(index: Indices, order: int) -> Iterator[Indices]:
    """Give the first indices of the cells of an order that hold rows, and of their neighbours.

    A row lies in a shard's border, as `shard.border` has it, where one of these neighbours lies in the shard.
    """
    shift = 2 * (layout.HEALPIX_ORDER - order)
    filled = np.unique(index >> shift)
    for start in range(0, len(filled), AT_ONCE):
        found = nested.neighbours(filled[start : start + AT_ONCE].astype(np.uint64), order).ravel().astype(np.int64)
        yield np.unique(found[found >= 0]) << shift


def _index(path: Path) -> Indices:
    return np.asarray(pieces.load(path)[layout.HEALPIX_COLUMN].to_numpy())


def _pairs(numbers: Indices) -> list[tuple[int, int]]:
    return [(order, pixel) for order, pixel in numbers[:, :2].tolist()]
