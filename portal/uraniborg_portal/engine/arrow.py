"""Arrow tables with the types that columns promise."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs.datatypes import arrow_of
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.errors import QueryRefused

HEADER, COMPRESSION = 2, 3
"""Places of fields in the tables Message and RecordBatch of Arrow's metadata, which are flatbuffers."""


def schema(columns: Sequence[Column]) -> pa.Schema:
    """Give the names and types of columns."""
    return pa.schema([(column.name, arrow_of(column)) for column in columns])


def typed(batch: pa.RecordBatch, wanted: pa.Schema) -> pa.RecordBatch:
    """Give rows with these names and types.

    Raises
    ------
    QueryRefused
        A value does not fit its column's type.
    """
    if batch.schema.equals(wanted):
        return batch
    try:
        return batch.rename_columns(wanted.names).cast(wanted)
    except pa.ArrowInvalid as error:
        raise QueryRefused(
            "A whole number of the result is too large for its type.", "CAST it to BIGINT or DOUBLE PRECISION."
        ) from error


def without_nan(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Give values, NULL in place of NaN."""
    if not pa.types.is_floating(values.type):
        return values
    return pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)


def as_columns(table: pa.Table, columns: Sequence[Column]) -> pa.Table:
    """Give a table with the columns' names and types.

    Raises
    ------
    pa.ArrowInvalid, ValueError
        It has others.
    """
    return table.rename_columns([column.name for column in columns]).cast(schema(columns))


def written_table(table: pa.Table) -> pa.Buffer:
    """Give a table as an Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def read_schema(content: bytes) -> pa.Schema:
    """Give the names and types of rows that someone else wrote.

    Raises
    ------
    pa.ArrowInvalid
        It is none, or a type is not a number, text, truth value or time, nor a list of numbers: values of others may
        need no bytes, and a small frame could hold any number of them.
    """
    found = pa.ipc.read_schema(pa.py_buffer(content))
    for kind in set(found.types):
        if not is_of_a_column(kind):
            raise pa.ArrowInvalid(f"{kind} is no type of a column")
    return found


def is_of_a_column(kind: pa.DataType) -> bool:
    """Say whether a column may have this type, whose values all take bytes."""
    if pa.types.is_list(kind) or (pa.types.is_fixed_size_list(kind) and kind.list_size > 0):
        return bool(pa.types.is_primitive(kind.value_type))
    return any(is_kind(kind) for is_kind in (pa.types.is_primitive, pa.types.is_string, pa.types.is_decimal))


def read_batch(content: bytes, columns: pa.Schema) -> pa.RecordBatch:
    """Give rows that someone else wrote; every offset of theirs is checked.

    Raises
    ------
    pa.ArrowInvalid
        They are none of these columns, or they are compressed: a small frame could become any number of bytes.
    """
    message = pa.ipc.read_message(pa.py_buffer(content))
    if is_compressed(message.metadata.to_pybytes()):
        raise pa.ArrowInvalid("compressed rows are not read")
    batch = pa.ipc.read_record_batch(message, columns)
    batch.validate(full=True)
    return batch


def is_compressed(metadata: bytes) -> bool:
    """Say whether the buffers of a record batch are compressed (Arrow's Message.fbs: Message.header, .compression).

    Raises
    ------
    pa.ArrowInvalid
        The metadata lead out of themselves.
    """

    def entry(table: int, index: int) -> int:
        vtable = table - struct.unpack_from("<i", metadata, table)[0]
        (size,) = struct.unpack_from("<H", metadata, vtable)
        return int(struct.unpack_from("<H", metadata, vtable + 4 + 2 * index)[0]) if 4 + 2 * index < size else 0

    try:
        (message,) = struct.unpack_from("<I", metadata, 0)
        header = message + entry(message, HEADER)
        return entry(header + struct.unpack_from("<I", metadata, header)[0], COMPRESSION) != 0
    except struct.error as error:
        raise pa.ArrowInvalid("no metadata of a record batch") from error


def read_table(content: bytes | pa.Buffer) -> pa.Table:
    """Give the table of an Arrow IPC stream."""
    return pa.ipc.open_stream(content).read_all()
