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
from uraniborg_portal.engine.models import Rows
from uraniborg_portal.formats import packing
from uraniborg_portal.formats.survey import Survey, survey

BLOCK = 2880
"""FITS files come in blocks of so many bytes."""
_FORMS = {"boolean": "L", "short": "I", "int": "J", "long": "K", "float": "E", "double": "D"}
POINTER = 16
"""Bytes of what says where an array of any length is: a descriptor of two long integers (section 7.3.5)."""
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """How a column is stored in each row."""

    column: Column
    longest: int
    """Bytes of the longest text, or numbers of the longest array."""
    null: int | None
    """The integer that stands for NULL; None where there is no NULL, or where NaN or blanks say it."""

    @property
    def is_text(self) -> bool:
        """Whether it holds text."""
        return self.column.datatype not in _FORMS

    @property
    def is_pointer(self) -> bool:
        """Whether it holds arrays of any length."""
        return not self.is_text and self.numbers is None

    @property
    def numbers(self) -> int | None:
        """How many numbers each value has; None where they differ, or it is text."""
        return packing.length(self.column)

    @property
    def form(self) -> str:
        """The TFORM value."""
        if self.is_text:
            return f"{max(1, self.longest)}A"
        letter = _FORMS[self.column.datatype]
        if self.numbers is None:
            return f"1Q{letter}({self.longest})"
        return letter if self.numbers == 1 else f"{self.numbers}{letter}"

    @property
    def item(self) -> int:
        """Bytes of one number."""
        return int(np.dtype(packing.DTYPES[self.column.datatype]).itemsize)

    @property
    def width(self) -> int:
        """Bytes in a row."""
        if self.is_text:
            return max(1, self.longest)
        return POINTER if self.numbers is None else self.numbers * self.item

    @property
    def missing(self) -> object:
        """What stands for NULL."""
        return np.nan if self.column.datatype in packing.FLOATS else self.null or 0


def write(result: Rows) -> Iterator[bytes]:
    """Give a result as a FITS file with one binary table.

    NULL is NaN for floats, TNULL for integers, a zero byte for booleans and blank for text. Text is UTF-8 (plain ASCII
    where the values are). The header names units, UCDs (TUCD), descriptions (TCOMM) and the query. The rows wait on
    the disk until they are counted; arrays of differing lengths follow them.
    """
    with result.repeatable() as kept:
        found = survey(kept)
        cells = tuple(
            Cell(column=column, longest=longest, null=null)
            for column, longest, null in zip(found.columns, found.longest, found.nulls, strict=True)
        )
        both = zip(cells, found.total, strict=True)
        heap = sum(cell.item * total for cell, total in both if cell.is_pointer)
        yield _block(PrimaryHDU().header) + _block(_header(kept, found, cells, heap))
        written = 0
        for piece in _data(kept, found, cells):
            written += len(piece)
            yield piece
        yield b"\0" * (-written % BLOCK)


def _data(rows: Rows, found: Survey, cells: tuple[Cell, ...]) -> Iterator[bytes]:
    # Each column's arrays lie together behind the rows, one column after the other.
    places, place = [], 0
    for cell, total in zip(cells, found.total, strict=True):
        places.append(place)
        place += total * cell.item if cell.is_pointer else 0
    for batch in found.batches(rows):
        parts: list[packing.Values | pa.Array] = []
        for number, (values, cell) in enumerate(zip(batch.columns, cells, strict=True)):
            if cell.is_pointer:
                counts, ends = _ends(values, cell, places[number])
                parts += [counts, ends - counts * cell.item]
                places[number] = int(ends[-1])
            else:
                parts.append(_values(values, cell))
        yield bytes(packing.packed(parts))
    for number, cell in enumerate(cells):
        if cell.is_pointer:
            for batch in found.batches(rows):
                flat = packing.fixed(batch.column(number).flatten(), cell.column.datatype, cell.missing, 0)
                yield flat.astype(packing.DTYPES[cell.column.datatype]).tobytes()


def _ends(values: pa.Array, cell: Cell, place: int) -> tuple[Places, Places]:
    """Give how many numbers each array has, and where it ends behind the rows if the first begins at `place`."""
    counts = pc.list_value_length(values).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    return counts, place + np.cumsum(counts) * cell.item


def _header(result: Rows, found: Survey, cells: tuple[Cell, ...], heap: int) -> Header:
    header = Header()
    header["XTENSION"] = "BINTABLE"
    header["BITPIX"] = 8
    header["NAXIS"] = 2
    header["NAXIS1"] = sum(cell.width for cell in cells)
    header["NAXIS2"] = found.rows
    header["PCOUNT"] = heap
    header["GCOUNT"] = 1
    header["TFIELDS"] = len(cells)
    header["EXTNAME"] = "RESULT"
    for number, cell in enumerate(cells, 1):
        _describe(header, number, cell)
    if result.epoch is not None:
        header["COMMENT"] = f"Positions: ICRS, epoch J{result.epoch:g}."
    if result.overflow:
        header["COMMENT"] = "OVERFLOW: there are more rows than the limit let through."
    for line in (result.adql, *result.notes):
        header["COMMENT"] = _ascii(line)
    return header


def _describe(header: Header, number: int, cell: Cell) -> None:
    header[f"TTYPE{number}"] = _ascii(cell.column.name)
    header[f"TFORM{number}"] = cell.form
    if "x" in (cell.column.arraysize or "") and not cell.is_pointer and not cell.is_text:
        header[f"TDIM{number}"] = f"({(cell.column.arraysize or '').replace('x', ',')})"
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


def _values(values: pa.Array, cell: Cell) -> packing.Values:
    if cell.is_text:
        encoded = values.fill_null("").cast(pa.binary()).to_numpy(zero_copy_only=False)
        return np.asarray(encoded, f"S{cell.width}")
    if cell.column.arraysize:
        return packing.vectors(values, cell.column.datatype, cell.numbers or 1, cell.missing, 0)
    return packing.fixed(values, cell.column.datatype, cell.missing, 0)
