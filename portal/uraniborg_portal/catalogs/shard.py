"""Positions to shards: HEALPix indices, adaptive orders by row count, and who lies in whose margin. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from astropy import units
from astropy.coordinates import Latitude, Longitude
from cdshealpix import nested

from uraniborg_portal.catalogs.layout import HEALPIX_ORDER

Indices = npt.NDArray[np.int64]
MAX_ORDER = 12
"""Cells are never split finer than this (order 12: 0.86 arcmin)."""
CELL_ARCSEC = 58.6323 * 3600
"""Square root of the area of a cell of order 0, arcseconds."""
NARROWEST = 0.5
"""The narrowest distance across a cell is never less than this part of its size (it is 0.62 near the poles)."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A HEALPix cell that becomes a shard, and its rows in the sorted table."""

    order: int
    pixel: int
    start: int
    """First row of the cell."""
    stop: int
    """First row after the cell."""

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return self.stop - self.start

    @property
    def span(self) -> tuple[int, int]:
        """The first index of order 29 inside the cell, and the first after it."""
        shift = 2 * (HEALPIX_ORDER - self.order)
        return self.pixel << shift, (self.pixel + 1) << shift


def healpix_index(ra: npt.NDArray[np.float64], dec: npt.NDArray[np.float64]) -> Indices:
    """Give the HEALPix index of order 29 (nested) of positions in degrees."""
    longitude, latitude = Longitude(ra, units.deg), Latitude(dec, units.deg)
    return np.asarray(nested.lonlat_to_healpix(longitude, latitude, HEALPIX_ORDER)).astype(np.int64)


def plan(
    index: Indices, rows_per_shard: int, max_order: int = MAX_ORDER, before: Indices | None = None
) -> tuple[Cell, ...]:
    """Cut the sky into cells that hold at most `rows_per_shard` rows each, none of them empty.

    Parameters
    ----------
    index
        HEALPix indices of order 29, sorted: of rows, or of the first points of cells that are counted.
    rows_per_shard
        A cell with more rows is split in four, down to `max_order`.
    max_order
        Finest order; cells of this order keep all their rows. Counted cells are not coarser.
    before
        How many rows lie before each entry of `index`, and behind the last one; None where each is one row.
    """
    counted = np.arange(len(index) + 1) if before is None else before
    cells = []
    waiting = [Cell(order=0, pixel=pixel, **_rows(index, counted, 0, pixel)) for pixel in reversed(range(12))]
    while waiting:
        cell = waiting.pop()
        if cell.rows > rows_per_shard and cell.order < max_order:
            waiting += reversed(_split(index, counted, cell))
        elif cell.rows:
            cells.append(cell)
    return tuple(cells)


def margin_order(arcsec: float) -> int:
    """Give the finest order whose cells are nowhere narrower than `arcsec`."""
    order = int(np.floor(np.log2(CELL_ARCSEC * NARROWEST / arcsec)))
    return int(np.clip(order, 0, HEALPIX_ORDER))


def margins(index: Indices, cells: tuple[Cell, ...], arcsec: float) -> tuple[Indices, ...]:
    """Give, for each cell, the sorted rows outside of it that may lie within `arcsec` of its border.

    No row within that distance is missing; rows a little further away may be among them.

    Raises
    ------
    ValueError
        The margin is wider than the smallest cell.
    """
    return tuple(rows_in(index, border(cell, arcsec)) for cell in cells)


def border(cell: Cell, arcsec: float) -> Indices:
    """Give the ranges of indices of order 29 (first, first after; sorted) of the small cells that surround a cell.

    They are nowhere narrower than `arcsec`.

    Raises
    ------
    ValueError
        They would be larger than the cell.
    """
    order = margin_order(arcsec)
    if cell.order > order:
        raise ValueError(f"a margin with cells of order {order} can't surround a shard of order {cell.order}")
    neighbours: Any = nested.external_neighbours
    edges, corners = neighbours(np.array([cell.pixel], np.uint64), cell.order, order - cell.order)
    around = np.concatenate([np.ravel(edges), np.ravel(corners)]).astype(np.int64)
    found = np.unique(around[around >= 0])
    first = np.flatnonzero(np.diff(found, prepend=-2) != 1)
    last = np.append(first[1:], len(found)) - 1
    return np.stack([found[first], found[last] + 1], axis=1) << (2 * (HEALPIX_ORDER - order))


def rows_in(index: Indices, ranges: Indices) -> Indices:
    """Give the numbers of the entries of a sorted index that lie in ranges of it."""
    starts, stops = np.searchsorted(index, ranges[:, 0]), np.searchsorted(index, ranges[:, 1])
    found = [np.arange(start, stop) for start, stop in zip(starts, stops, strict=True) if stop > start]
    return np.concatenate(found).astype(np.int64) if found else np.empty(0, np.int64)


def _split(index: Indices, before: Indices, cell: Cell) -> list[Cell]:
    order = cell.order + 1
    first = 4 * cell.pixel
    return [Cell(order=order, pixel=pixel, **_rows(index, before, order, pixel)) for pixel in range(first, first + 4)]


def _rows(index: Indices, before: Indices, order: int, pixel: int) -> dict[str, int]:
    shift = 2 * (HEALPIX_ORDER - order)
    start, stop = np.searchsorted(index, np.array([pixel << shift, (pixel + 1) << shift], np.int64))
    return {"start": int(before[start]), "stop": int(before[stop])}
