"""CSV as RFC 4180 says, with a header: UTF-8, NULL is an empty cell, text in quotes."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from pyarrow import csv as arrow_csv

from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.formats import batches
from uraniborg_portal.formats.stream import Stream


def write(result: QueryResult) -> Iterator[bytes]:
    """Give a result as CSV; an empty text is `""`, a NULL is nothing."""
    table = batches.prepare(result).table
    stream = Stream()
    with arrow_csv.CSVWriter(stream, table.schema) as writer:
        for piece in _pieces(table):
            writer.write_table(piece)
            yield stream.take()
    yield stream.take()


def _pieces(table: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, table.num_rows, batches.ROWS):
        yield table.slice(start, batches.ROWS)
