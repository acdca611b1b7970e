"""Parquet with the VOTable description in its metadata, as the IVOA Note VOParquet 1.0 says."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.parquet as pq

from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.formats import arrow, batches, votable
from uraniborg_portal.formats.stream import Stream

VERSION_KEY = "IVOA.VOTable-Parquet.version"
CONTENT_KEY = "IVOA.VOTable-Parquet.content"


def write(result: QueryResult) -> Iterator[bytes]:
    """Give a result as a Parquet file; readers that know VOParquet find units, UCDs and the frame in it."""
    prepared = batches.prepare(result)
    table = arrow.described(prepared)
    document = votable.without_data(result, prepared.columns)
    table = table.replace_schema_metadata({VERSION_KEY: "1.0", CONTENT_KEY: document})
    stream = Stream()
    with pq.ParquetWriter(stream, table.schema, compression="zstd") as writer:
        for start in range(0, table.num_rows, batches.ROWS):
            writer.write_table(table.slice(start, batches.ROWS))
            yield stream.take()
    yield stream.take()
