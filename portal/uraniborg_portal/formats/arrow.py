"""Arrow IPC stream: the result as it is in memory, with units and UCDs as field metadata."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.formats import batches
from uraniborg_portal.formats.stream import Stream


def described(prepared: batches.Prepared) -> pa.Table:
    """Give the table with unit, UCD and description in the metadata of its fields."""
    fields = [
        field.with_metadata(_metadata(column))
        for field, column in zip(prepared.table.schema, prepared.columns, strict=True)
    ]
    return prepared.table.cast(pa.schema(fields))


def write(result: QueryResult) -> Iterator[bytes]:
    """Give a result as an Arrow IPC stream."""
    table = described(batches.prepare(result))
    stream = Stream()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        for batch in table.to_batches(max_chunksize=batches.ROWS):
            writer.write_batch(batch)
            yield stream.take()
    yield stream.take()


def _metadata(column: Column) -> dict[str, str]:
    given = {"unit": column.unit, "ucd": column.ucd, "description": column.description}
    return {key: value for key, value in given.items() if value}
