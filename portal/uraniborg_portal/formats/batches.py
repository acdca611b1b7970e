"""A result cut into batches of rows, with every column in the Arrow type of its datatype."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyarrow as pa

from uraniborg_portal.catalogs import datatypes
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import QueryResult

ROWS = 65_536
"""Rows of a batch: what is in memory as text or bytes at a time."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A result whose Arrow types and column descriptions agree exactly."""

    table: pa.Table
    columns: tuple[Column, ...]

    def batches(self, rows: int = ROWS) -> Iterator[tuple[pa.Array, ...]]:
        """Give the rows in order, each batch as one array per column; an empty table gives none."""
        for start in range(0, self.table.num_rows, rows):
            piece = self.table.slice(start, rows)
            yield tuple(_one(piece.column(number)) for number in range(piece.num_columns))


def prepare(result: QueryResult) -> Prepared:
    """Give a result's table in the Arrow types of its datatypes.

    Text columns become `unicodeChar` where a character is not ASCII: a computed column may hold what its source did
    not. Others keep the type that their table declares.
    """
    described, arrays = [], []
    for number, column in enumerate(result.columns):
        values = _decoded(result.table.column(number)).cast(datatypes.ARROW[column.datatype], safe=False)
        arrays.append(values)
        described.append(_exact(column, values))
    names = [column.name for column in described]
    return Prepared(table=pa.Table.from_arrays(arrays, names=names), columns=tuple(described))


def _decoded(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return values.cast(values.type.value_type) if pa.types.is_dictionary(values.type) else values


def _exact(column: Column, values: pa.ChunkedArray) -> Column:
    if not datatypes.is_string(values.type):
        return column
    datatype = column.datatype if datatypes.is_ascii(values) else "unicodeChar"
    return replace(column, datatype=datatype, arraysize=column.arraysize or "*")


def _one(values: pa.ChunkedArray) -> pa.Array:
    return values.chunk(0) if values.num_chunks == 1 else pa.concat_arrays(values.chunks)
