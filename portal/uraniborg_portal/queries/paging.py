"""Pages of a result: rows in any order, of all or of selected ones; pure."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

RowNumbers = npt.NDArray[np.uint32]

EXACT = 2**53
"""Browsers read larger integers as the nearest double: they are sent as text."""


def order(column: pa.ChunkedArray, *, descending: bool) -> RowNumbers:
    """Give the row numbers in the order of a column; rows without a value last, equal ones as they were.

    Arrays are in the order of how many numbers they hold.
    """
    direction = "descending" if descending else "ascending"
    combined = (pc.list_value_length(column) if pa.types.is_list(column.type) else column).combine_chunks()
    indices = pc.array_sort_indices(combined, order=direction, null_placement="at_end")
    return np.asarray(indices.to_numpy(), dtype=np.uint32)


def only(numbers: RowNumbers, selected: RowNumbers, rows: int) -> RowNumbers:
    """Give those of `numbers` that are selected, in their order."""
    mask = np.zeros(rows, dtype=bool)
    mask[selected] = True
    return numbers[mask[numbers]]


def page(table: pa.Table, numbers: RowNumbers) -> list[list[Any]]:
    """Give rows as JSON values: NULL and NaN are null, other numbers their shortest exact form."""
    taken = table.take(pa.array(numbers))
    cells = [json_values(column) for column in taken.columns]
    return [list(row) for row in zip(*cells, strict=True)]


def json_values(column: pa.ChunkedArray) -> list[Any]:
    """Give a column's values as JSON holds them."""
    if pa.types.is_float32(column.type):
        values = np.asarray(column.to_numpy(), dtype=np.float32)
        return [json_float(float(text)) for text in values.astype(str)]
    if pa.types.is_floating(column.type):
        return [json_float(value) for value in column.to_pylist()]
    if pa.types.is_integer(column.type):
        return [str(value) if value is not None and abs(value) > EXACT else value for value in column.to_pylist()]
    if pa.types.is_boolean(column.type) or pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return list(column.to_pylist())
    return [None if value is None else str(value) for value in column.to_pylist()]


def json_float(value: float | None) -> float | str | None:
    """Give a float as JSON holds it: JSON has no NaN (null) and no infinity (text)."""
    if value is None or math.isnan(value):
        return None
    return value if math.isfinite(value) else ("inf" if value > 0 else "-inf")


def doubles(column: pa.ChunkedArray) -> bytes | None:
    """Give a column as little-endian doubles in row order, NaN for no value; None where it holds no numbers."""
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type) or pa.types.is_boolean(column.type)):
        return None
    numbers = column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column
    values = pc.cast(numbers, pa.float64(), safe=False)
    return np.asarray(pc.fill_null(values, math.nan).to_numpy(), dtype="<f8").tobytes()
