"""FITS binary and ASCII tables, with units and UCDs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from astropy.io.fits.column import Column
from astropy.io.fits.hdu import BinTableHDU, TableHDU
from astropy.io.fits.hdu.hdulist import HDUList
from astropy.io.fits.header import Header

from uraniborg_portal.catalogs.readers.source import Source, from_numpy
from uraniborg_portal.catalogs.statistics import Note

SUFFIXES = (".fits", ".fit", ".fts")


def read(path: Path, start: int = 0, stop: int | None = None) -> Source:
    """Read the first table of a FITS file, or its rows from `start` to before `stop`.

    Raises
    ------
    ValueError
        The file holds no table.
    """
    # Without `uint`, unsigned integers become doubles, which hold 53 of their bits.
    with HDUList.fromfile(str(path), memmap=True, logical_as_bytes=True, uint=True) as file:
        table = _table(file)
        columns, rows = list(table.columns), slice(start, stop)
        values = from_numpy((column.name, _masked(table, column, rows)) for column in columns)
        notes = {column.name: _note(table.header, number, column) for number, column in enumerate(columns, 1)}
        return replace(values, notes=notes)


def size(path: Path) -> tuple[int, int]:
    """Give the rows of the first table, and the bytes of one.

    Raises
    ------
    ValueError
        The file holds no table.
    """
    with HDUList.fromfile(str(path), memmap=True) as file:
        header = _table(file).header
        return int(header["NAXIS2"]), int(header["NAXIS1"])


def _table(file: HDUList) -> BinTableHDU | TableHDU:
    table = next((unit for unit in file if isinstance(unit, BinTableHDU | TableHDU)), None)
    if table is None:
        raise ValueError("it has no table, only images")
    return table


def _masked(
    table: BinTableHDU | TableHDU, column: Column, rows: slice
) -> np.ma.MaskedArray[tuple[int, ...], np.dtype[np.generic]]:
    data = np.asarray(table.data[column.name])[rows]
    if column.dtype is not None and column.format.endswith("L") and data.dtype.kind == "S":
        return np.ma.MaskedArray(data == b"T", mask=~np.isin(data, (b"T", b"F")))
    # TNULL is what is stored, and TZERO is added to that (FITS 4.0, section 7.3.2).
    null = None if column.null is None else int(column.null) + int(column.bzero or 0)
    hidden = data == null if null is not None and data.dtype.kind in "iu" else np.False_
    return np.ma.MaskedArray(data, mask=hidden)


def _note(header: Header, number: int, column: Column) -> Note:
    description = header.get(f"TCOMM{number}") or header.comments[f"TTYPE{number}"]
    return Note(unit=column.unit or None, ucd=header.get(f"TUCD{number}"), description=str(description or ""))
