"""FITS binary tables (FITS Standard 4.0, section 7.3), written directly: no row is ever a Python object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from astropy.io.fits.hdu import PrimaryHDU
from astropy.io.fits.header import Header

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.formats import batches, packing

BLOCK = 2880
"""FITS files come in blocks of so many bytes."""
_FORMS = {"boolean": "L", "short": "I", "int": "J", "long": "K", "float": "E", "double": "D"}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """How a column is stored in each row."""

    column: Column
    width: int
    """Bytes in a row."""
    null: int | None
    """The integer that stands for NULL; None where there is no NULL, or where NaN or blanks say it."""

    @property
    def form(self) -> str:
        """The TFORM value."""
        return _FORMS.get(self.column.datatype, f"{self.width}A")


def write(result: QueryResult) -> Iterator[bytes]:
    """Give a result as a FITS file with one binary table.

    NULL is NaN for floats, TNULL for integers, a zero byte for booleans and blank for text. Text is UTF-8 (plain ASCII
    where the values are). The header names units, UCDs (TUCD), descriptions (TCOMM) and the query.
    """
    prepared = batches.prepare(result)
    cells = tuple(_cell(column, prepared.table.column(number)) for number, column in enumerate(prepared.columns))
    yield _block(PrimaryHDU().header)
    yield _block(_header(result, cells))
    written = 0
    for batch in prepared.batches():
        piece = _pack(batch, cells)
        written += len(piece)
        yield piece
    yield b"\0" * (-written % BLOCK)


def _cell(column: Column, values: pa.ChunkedArray) -> Cell:
    if column.datatype not in _FORMS:
        longest = pc.max(pc.binary_length(values)).as_py() or 0
        return Cell(column=column, width=max(1, longest), null=None)
    width = np.dtype(packing.DTYPES[column.datatype]).itemsize
    integer = column.datatype in ("short", "int", "long")
    return Cell(column=column, width=width, null=_free(values) if integer and values.null_count else None)


def _free(values: pa.ChunkedArray) -> int:
    """Give an integer of the column's type that no value has: the least one, or the next that is free."""
    lowest = int(np.iinfo(values.type.to_pandas_dtype()).min)
    taken = set(pc.unique(values.filter(pc.less(values, lowest + values.length() + 1))).to_pylist())
    return next(number for number in range(lowest, lowest + len(taken) + 1) if number not in taken)


def _header(result: QueryResult, cells: tuple[Cell, ...]) -> Header:
    header = Header()
    header["XTENSION"] = "BINTABLE"
    header["BITPIX"] = 8
    header["NAXIS"] = 2
    header["NAXIS1"] = sum(cell.width for cell in cells)
    header["NAXIS2"] = result.table.num_rows
    header["PCOUNT"] = 0
    header["GCOUNT"] = 1
    header["TFIELDS"] = len(cells)
    header["EXTNAME"] = "RESULT"
    for number, cell in enumerate(cells, 1):
        _describe(header, number, cell)
    if result.epoch is not None:
        header["COMMENT"] = f"Positions: ICRS, epoch J{result.epoch:g}."
    for line in (result.adql, *result.notes):
        header["COMMENT"] = _ascii(line)
    return header


def _describe(header: Header, number: int, cell: Cell) -> None:
    header[f"TTYPE{number}"] = _ascii(cell.column.name)
    header[f"TFORM{number}"] = cell.form
    if cell.null is not None:
        header[f"TNULL{number}"] = cell.null
    given = {"TUNIT": cell.column.unit, "TUCD": cell.column.ucd, "TCOMM": cell.column.description}
    for key, value in given.items():
        if value:
            header[f"{key}{number}"] = _ascii(value)


def _ascii(value: str) -> str:
    """Give text for a header, where FITS allows the printable ASCII characters only."""
    return "".join(letter if " " <= letter <= "~" else " " if letter.isspace() else "?" for letter in value)


def _block(header: Header) -> bytes:
    return bytes(header.tostring(padding=True).encode("ascii"))


def _pack(batch: tuple[pa.Array, ...], cells: tuple[Cell, ...]) -> bytes:
    parts = [_values(values, cell) for values, cell in zip(batch, cells, strict=True)]
    return packing.rows_of(parts).tobytes() if parts else b""


def _values(values: pa.Array, cell: Cell) -> npt.NDArray[np.generic]:
    if cell.column.datatype not in _FORMS:
        encoded = values.fill_null("").cast(pa.binary()).to_numpy(zero_copy_only=False)
        return np.asarray(encoded, f"S{cell.width}")
    missing = np.nan if cell.column.datatype in ("float", "double") else cell.null
    return packing.fixed(values, cell.column.datatype, missing, unknown=b"\0")
