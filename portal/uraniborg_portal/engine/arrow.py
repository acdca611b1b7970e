"""Arrow tables with the types that columns promise."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.errors import QueryRefused

TYPES = {
    "boolean": pa.bool_(), "short": pa.int16(), "int": pa.int32(), "long": pa.int64(), "float": pa.float32(),
    "double": pa.float64(), "char": pa.string(), "unicodeChar": pa.string(),
}  # fmt: skip
"""The Arrow type of each VOTable datatype."""


def schema(columns: Sequence[Column]) -> pa.Schema:
    """Give the names and types of columns."""
    return pa.schema([(column.name, TYPES[column.datatype]) for column in columns])


def typed(table: pa.Table, columns: Sequence[Column]) -> pa.Table:
    """Give the table with the columns' names and types.

    Raises
    ------
    QueryRefused
        A value does not fit its column's type.
    """
    try:
        return table.rename_columns([column.name for column in columns]).cast(schema(columns))
    except pa.ArrowInvalid as error:
        raise QueryRefused(
            "A whole number of the result is too large for its type.", "CAST it to BIGINT or DOUBLE PRECISION."
        ) from error


def written_table(table: pa.Table) -> pa.Buffer:
    """Give a table as an Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def read_table(content: bytes) -> pa.Table:
    """Give the table of an Arrow IPC stream."""
    return pa.ipc.open_stream(content).read_all()
