"""Rows as TABLEDATA: numbers in full precision, NULL as an empty cell (VOTable 1.4, section 5.1)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs import datatypes
from uraniborg_portal.formats import cells, markup


def rows(batch: pa.RecordBatch) -> bytes:
    """Give a batch of rows as `TR` elements, one a line."""
    return cells.rows_of([cell(values) for values in batch.columns], "<TR><TD>", "</TD><TD>", "</TD></TR>\n")


def cell(values: pa.Array) -> pa.Array:
    """Give a column as the content of elements, NULL as nothing."""
    if datatypes.is_string(values.type):
        return escaped(values).fill_null("")
    return cells.words(values, cells.DALI).fill_null("")


def escaped(values: pa.Array) -> pa.Array:
    """Give texts as XML has them; what it forbids becomes a question mark."""
    values = pc.replace_substring_regex(values, markup.FORBIDDEN_PATTERN, markup.REPLACEMENT)
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        values = pc.replace_substring(values, character, entity)
    return values
