"""Tab-separated values as IANA registered them: a header, a line for each row, no quotes."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs import datatypes
from uraniborg_portal.engine.models import Rows
from uraniborg_portal.formats import batches, cells, csv

BREAKS = r"[\t\r\n]"


def write(result: Rows) -> Iterator[bytes]:
    """Give a result as TSV in UTF-8; NULL is nothing, and tabs and line ends in a text are blanks."""
    prepared = batches.prepare(result)
    names = pa.array([column.name for column in prepared.columns], pa.string())
    yield "\t".join(_clean(names).to_pylist()).encode() + b"\n"
    for batch in prepared.batches:
        yield cells.rows_of([_cell(values) for values in batch.columns], "", "\t", "\n")


def _cell(values: pa.Array) -> pa.Array:
    found = _clean(values) if datatypes.is_string(values.type) else cells.words(values, csv.WORDS)
    return found.fill_null("")


def _clean(texts: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(texts, BREAKS, " ")
