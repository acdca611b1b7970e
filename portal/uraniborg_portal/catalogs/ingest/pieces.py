"""Sorted pieces: rows of a part of a source in the order of `_healpix_29`, of which any range is read by itself."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa

from uraniborg_portal.catalogs import layout, shard


def sort(table: pa.Table, ra: str, dec: str) -> pa.Table:
    """Give rows in the order of `_healpix_29`, which becomes the last column; equal ones stay in their order.

    Every row has a finite position, in degrees, in the columns `ra` and `dec`.
    """
    places = (table[name].cast(pa.float64()).to_numpy() for name in (ra, dec))
    return by_index(table.append_column(layout.HEALPIX_COLUMN, pa.array(shard.healpix_index(*places))))


def by_index(table: pa.Table) -> pa.Table:
    """Give rows in the order of their last column, `_healpix_29`; equal ones stay in their order."""
    index = np.asarray(table[layout.HEALPIX_COLUMN].to_numpy())
    if (index[1:] >= index[:-1]).all():
        return table
    return table.combine_chunks().take(pa.array(np.argsort(index, kind="stable")))


def save(piece: pa.Table, path: Path) -> None:
    """Write a piece; a reader finds it whole, or not at all."""
    incoming = path.with_name(f"{path.name}.{os.getpid()}")
    with pa.OSFile(str(incoming), "wb") as file, pa.ipc.new_file(file, piece.schema) as writer:
        writer.write_table(piece.combine_chunks())
    incoming.replace(path)


def load(path: Path) -> pa.Table:
    """Open a piece; its rows stay on disk until they are used."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def index(path: Path, span: tuple[int, int]) -> shard.Indices:
    """Give the indices of a piece that lie in a range."""
    found = np.asarray(load(path)[layout.HEALPIX_COLUMN].to_numpy())
    start, stop = np.searchsorted(found, np.array(span))
    return found[start:stop]


def within(piece: pa.Table, ranges: shard.Indices) -> pa.Table:
    """Give the rows of a piece that lie in ranges of the index (first, first after; sorted)."""
    found = np.asarray(piece[layout.HEALPIX_COLUMN].to_numpy())
    starts, stops = np.searchsorted(found, ranges[:, 0]), np.searchsorted(found, ranges[:, 1])
    filled = np.flatnonzero(stops > starts)
    if len(filled) == 1:
        return piece.slice(starts[filled[0]], stops[filled[0]] - starts[filled[0]])
    if not len(filled):
        return piece.slice(0, 0)
    return piece.take(pa.array(np.concatenate([np.arange(starts[each], stops[each]) for each in filled])))
