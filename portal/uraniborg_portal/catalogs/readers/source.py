"""What a reader gives: rows in Arrow, and what the file says about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from uraniborg_portal.catalogs.statistics import Note


@dataclass(frozen=True, kw_only=True)
class Source:
    """A table read from a file."""

    table: pa.Table
    notes: dict[str, Note] = field(default_factory=dict)
    """Unit, UCD and description of columns."""
    epoch: float | None = None
    """Julian year of the positions, where the file says it."""
    description: str = ""
    left_out: tuple[str, ...] = ()
    """Columns that a catalog can't have (arrays and structures)."""


def from_numpy(columns: Iterable[tuple[str, np.ma.MaskedArray[tuple[int, ...], np.dtype[np.generic]]]]) -> Source:
    """Give a source of numpy columns; masked values become null, arrays in cells are left out."""
    arrays, names, left_out = [], [], []
    for name, values in columns:
        if values.ndim != 1 or values.dtype.kind in "cV" or holds_arrays(values):
            left_out.append(name)
            continue
        names.append(name)
        arrays.append(_array(values))
    return Source(table=pa.Table.from_arrays(arrays, names=names), left_out=tuple(left_out))


def holds_arrays(values: np.ma.MaskedArray[tuple[int, ...], np.dtype[np.generic]]) -> bool:
    """Say whether the cells hold arrays of any length."""
    return values.dtype.kind == "O" and any(isinstance(value, np.ndarray | list | tuple) for value in values.data)


def _array(values: np.ma.MaskedArray[tuple[int, ...], np.dtype[np.generic]]) -> pa.Array:
    mask = np.ma.getmaskarray(values)
    data = np.asarray(values.data)
    if data.dtype.kind == "S":
        words = np.char.strip(np.char.decode(data, "utf-8", "replace"))
        return pa.array(words.tolist(), pa.string(), mask=mask)
    if data.dtype.kind in "UO":
        return pa.array(
            [None if hidden else _word(value) for value, hidden in zip(data, mask, strict=True)], pa.string()
        )
    return pa.array(np.ascontiguousarray(data.astype(data.dtype.newbyteorder("="))), mask=mask)


def _word(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
