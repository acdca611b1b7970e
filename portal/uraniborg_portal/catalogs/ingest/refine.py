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
from uraniborg_portal.catalogs.ingest.cut import Cells, Counted, Kept
from uraniborg_portal.catalogs.shard import Indices

AT_ONCE = 1_000_000
"""Cells whose neighbours are looked up at once."""
MOST_PARTS = 16
"""Files that a shard has at most before an append writes it anew."""


@dataclass(frozen=True, kw_only=True)
class Refined:
    """The shards of the new version."""

    cells: Cells
    kept: Kept


@dataclass(frozen=True, kw_only=True)
class Gains:
    """What the shards of a version gain."""

    fresh: Counted
    """The rows that are added, in the finest cells that can be shards."""
    at: Indices
    """The number of the shard in which each of these cells lies; -1 where there is none."""
    rows: Indices
    """How many each shard gains."""


def refined(before: Opened, added: tuple[Path, ...], entry: Entry, most: int) -> Refined:
    """Choose the shards of a version and the sorted pieces `added` to it.

    They are those of a version that is made of all rows at once, if at most `most` rows of the version before lie in
    shards that gain some or consist of several files: these are written anew. Otherwise they stay, and rows go into
    files beside theirs, unless a shard has `MOST_PARTS` already.
    """
    gains, parts = _gains(before, added, entry), _parts(before)
    anew = (gains.rows > 0) | (parts > 1).any(axis=1)
    if before.shards.rows[anew].sum() > most and parts.max() < MOST_PARTS:
        return _grown(before, added, entry, gains)
    return _whole(before, added, entry, gains, parts)


def _grown(before: Opened, added: tuple[Path, ...], entry: Entry, gains: Gains) -> Refined:
    """Leave the shards as they are; where there was none, the coarsest cell that touches none is one."""
    numbers, gain = before.numbers, gains.rows > 0
    cells, kept = _along_curve([*_pairs(numbers), *_outside(before, gains, entry)]), _pairs(numbers[~gain])
    touched = _touched(cells, added, entry.margin_arcsec)
    return Refined(cells=cells, kept=_kept(before, kept, touched, tuple(_pairs(numbers[gain]))))


def _whole(before: Opened, added: tuple[Path, ...], entry: Entry, gains: Gains, parts: Indices) -> Refined:
    """Choose the shards of all rows at once: one that has more than `entry.rows_per_shard` is split in four."""
    old, numbers, fresh = before.shards, before.numbers, gains.fresh
    anew = (gains.rows > 0) | (parts[:, 0] > 1)
    full = anew & (old.rows + gains.rows > entry.rows_per_shard) & (numbers[:, 0] < fresh.order)
    found = [*_pairs(numbers[~full]), *_outside(before, gains, entry)]
    for number in np.flatnonzero(full).tolist():
        own = cuts.counted(before.index(number), fresh.order)
        found += _planned(cuts.added([own, fresh.of(gains.at == number)]), entry.rows_per_shard, fresh.order)
    cells, kept = _along_curve(found), _pairs(numbers[~anew])
    touched = _touched(cells, added, entry.margin_arcsec) | set(_pairs(numbers[parts[:, 1] > 1]))
    return Refined(cells=cells, kept=_kept(before, kept, touched, None))


def _kept(before: Opened, shards: list[tuple[int, int]], touched: set[tuple[int, int]], grown: Cells | None) -> Kept:
    margins = tuple(cell for cell in shards if cell not in touched)
    return Kept(version=before.version, shards=tuple(shards), margins=margins, grown=grown)


def _gains(before: Opened, added: tuple[Path, ...], entry: Entry) -> Gains:
    finest = min(shard.MAX_ORDER, shard.margin_order(entry.margin_arcsec))
    nothing = cuts.counted(np.empty(0, np.int64), finest)
    fresh = cuts.added([nothing, *(cuts.counted(_index(path), finest) for path in added)])
    at = np.searchsorted(before.shards.starts, fresh.index, "right") - 1
    at = np.where((at >= 0) & (fresh.index < before.shards.ends[at]), at, -1)
    rows = np.bincount(at[at >= 0], fresh.rows[at >= 0], len(before.shards)).astype(np.int64)
    return Gains(fresh=fresh, at=at, rows=rows)


def _parts(before: Opened) -> Indices:
    """Give how many files each shard has, and its margin."""
    found = [(len(each.files), len(each.margin_files)) for each in before.shards]
    return np.array(found, np.int64).reshape(-1, 2)


def _along_curve(cells: list[tuple[int, int]]) -> Cells:
    return tuple(sorted(cells, key=lambda cell: cell[1] << (2 * (layout.HEALPIX_ORDER - cell[0]))))


def _planned(counted: Counted, rows_per_shard: int, finest: int) -> list[tuple[int, int]]:
    before = np.concatenate([[0], np.cumsum(counted.rows)])
    return [(cell.order, cell.pixel) for cell in shard.plan(counted.index, rows_per_shard, finest, before)]


def _outside(before: Opened, gains: Gains, entry: Entry) -> list[tuple[int, int]]:
    """Choose the shards of rows where there was none."""
    fresh, rows_per_shard = gains.fresh.of(gains.at < 0), entry.rows_per_shard
    homes = _homes(fresh, before.shards.starts, before.shards.ends)
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
