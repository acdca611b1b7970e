"""CSV as RFC 4180 says, with a header: UTF-8, NULL is an empty cell, text in quotes."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from pyarrow import csv as arrow_csv

from uraniborg_portal.engine.models import Rows
from uraniborg_portal.formats import batches, cells
from uraniborg_portal.formats.stream import Stream

WORDS = cells.Words(true="true", false="false", nan="nan", infinite="inf", below="-inf", null="nan")
"""Numbers of an array are in one cell, as Arrow writes single ones."""


def write(result: Rows) -> Iterator[bytes]:
    """Give a result as CSV; an empty text is `""`, a NULL is nothing, an array is a text of numbers."""
    prepared = batches.prepare(result)
    stream = Stream()
    with arrow_csv.CSVWriter(stream, _flat(prepared.schema.empty_table()).schema) as writer:
        yield stream.take()
        for batch in prepared.batches:
            writer.write_table(_flat(pa.Table.from_batches([batch])))
            yield stream.take()
    yield stream.take()


def _flat(table: pa.Table) -> pa.Table:
    for number, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            words = [cells.words(chunk, WORDS) for chunk in table.column(number).chunks]
            table = table.set_column(number, field.name, pa.chunked_array(words, pa.string()))
    return table
