"""Arrow IPC stream: the result as it is in memory, with units and UCDs as field metadata."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import Rows
from uraniborg_portal.formats import batches
from uraniborg_portal.formats.stream import Stream


def described(prepared: batches.Prepared) -> pa.Schema:
    """Give the columns with unit, UCD and description in the metadata of their fields."""
    return pa.schema(
        [
            field.with_metadata(_metadata(column))
            for field, column in zip(prepared.schema, prepared.columns, strict=True)
        ]
    )


def write(result: Rows) -> Iterator[bytes]:
    """Give a result as an Arrow IPC stream."""
    prepared = batches.prepare(result)
    stream = Stream()
    schema = described(prepared)
    with pa.ipc.new_stream(stream, schema) as writer:
        for batch in prepared.batches:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
            yield stream.take()
    yield stream.take()


def _metadata(column: Column) -> dict[str, str]:
    given = {"unit": column.unit, "ucd": column.ucd, "description": column.description}
    return {key: value for key, value in given.items() if value}
