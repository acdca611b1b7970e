"""Rows as TABLEDATA, column by column in Arrow: numbers in full precision, NULL as an empty cell (VOTable 1.4, 5.1)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.formats import markup


def rows(batch: tuple[pa.Array, ...], columns: tuple[Column, ...]) -> bytes:
    """Give a batch of rows as `TR` elements, one a line."""
    cells: list[pa.Array | str] = []
    for number, (values, column) in enumerate(zip(batch, columns, strict=True)):
        cells += ["</TD><TD>" if number else "<TR><TD>", _cells(values, column)]
    joined = pc.binary_join_element_wise(*cells, "</TD></TR>\n", "")
    return "".join(joined.to_pylist()).encode("utf-8")


def _cells(values: pa.Array, column: Column) -> pa.Array:
    if column.datatype in ("char", "unicodeChar"):
        return _escaped(values).fill_null("")
    if column.datatype == "boolean":
        return pc.if_else(values, "T", "F").fill_null("")
    words = values.cast(pa.string())
    if column.datatype in ("float", "double"):
        words = _special(values, words)
    return words.fill_null("")


def _special(values: pa.Array, words: pa.Array) -> pa.Array:
    words = pc.if_else(pc.is_nan(values), "NaN", words)
    infinite = pc.is_inf(values)
    return pc.if_else(infinite, pc.if_else(pc.greater(values, 0), "+Inf", "-Inf"), words)


def _escaped(values: pa.Array) -> pa.Array:
    values = pc.replace_substring_regex(values, markup.FORBIDDEN_PATTERN, markup.REPLACEMENT)
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        values = pc.replace_substring(values, character, entity)
    return values
