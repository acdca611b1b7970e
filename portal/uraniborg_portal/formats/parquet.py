"""Parquet with the VOTable description in its metadata, as the IVOA Note VOParquet 1.0 says."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal.engine.models import Rows
from uraniborg_portal.formats import arrow, batches, votable
from uraniborg_portal.formats.stream import Stream

VERSION_KEY = "IVOA.VOTable-Parquet.version"
CONTENT_KEY = "IVOA.VOTable-Parquet.content"


def write(result: Rows) -> Iterator[bytes]:
    """Give a result as a Parquet file, a row group for each batch.

    Readers that know VOParquet find units, UCDs and the frame in it, and whether there are more rows.
    """
    prepared = batches.prepare(result)
    document = votable.without_data(result, prepared.columns)
    schema = arrow.described(prepared).with_metadata({VERSION_KEY: "1.0", CONTENT_KEY: document})
    stream = Stream()
    with pq.ParquetWriter(stream, schema, compression="zstd", use_dictionary=repeating(schema)) as writer:
        for batch in prepared.batches:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
            yield stream.take()
        # The metadata of a Parquet file are its last bytes: by now it is known whether there are more rows.
        writer.add_key_value_metadata({CONTENT_KEY: votable.without_data(result, prepared.columns)})
    yield stream.take()


def repeating(schema: pa.Schema) -> list[str]:
    """Give the columns whose values are likely to be few: texts and short integers.

    To look for few values among measured ones took four times as long as to write them, in a larger file.
    """
    return [field.name for field in schema if pa.types.is_string(field.type) or field.type in (pa.uint8(), pa.int16())]
