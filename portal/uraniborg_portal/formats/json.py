"""JSON: what the columns are, and the rows as arrays of values.

One object: `query` (ADQL), `epoch` (Julian year of the positions, or null), `notes` (sentences), `columns` (objects
with `name`, `datatype`, `arraysize`, `unit`, `ucd`, `xtype` and `description`, null where there is none), `data` (an
array of values for each row, in the columns' order), `rows` (how many), `overflow` (whether there are more).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs import datatypes
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import Rows
from uraniborg_portal.formats import batches, cells

WORDS = cells.Words(true="true", false="false", nan="null", infinite='"inf"', below='"-inf"', null="null", between=",")
"""JSON has no infinity: it is a text."""
CONTROL = r"[\x00-\x1f]"
NAMES = ("name", "datatype", "arraysize", "unit", "ucd", "xtype", "description")


def write(result: Rows) -> Iterator[bytes]:
    """Give a result as JSON: NULL and NaN are null, infinities text, whole numbers exact, arrays arrays."""
    prepared = batches.prepare(result)
    told = {"query": result.adql, "epoch": result.epoch, "notes": list(result.notes)}
    columns = [_described(column) for column in prepared.columns]
    yield (json.dumps(told | {"columns": columns}, ensure_ascii=False)[:-1] + ', "data": [\n').encode()
    given = 0
    for batch in prepared.batches:
        # A comma before every row but the first.
        rows = cells.rows_of([_cell(values) for values in batch.columns], ",\n[", ",", "]")
        yield rows[0 if given else 2 :]
        given += batch.num_rows
    yield f'\n], "rows": {given}, "overflow": {str(result.overflow).lower()}}}\n'.encode()


def _described(column: Column) -> dict[str, str | None]:
    return {name: getattr(column, name) or None for name in NAMES}


def _cell(values: pa.Array) -> pa.Array:
    if datatypes.is_string(values.type):
        return _quoted(values).fill_null("null")
    found = cells.words(values, WORDS)
    if pa.types.is_list(values.type):
        found = pc.binary_join_element_wise("[", found, "]", "")
    return found.fill_null("null")


def _quoted(texts: pa.Array) -> pa.Array:
    if pc.any(pc.match_substring_regex(texts, CONTROL), min_count=0).as_py():
        plain = [None if text is None else json.dumps(text, ensure_ascii=False) for text in texts.to_pylist()]
        return pa.array(plain, pa.string())
    for character in ("\\", '"'):
        texts = pc.replace_substring(texts, character, f"\\{character}")
    return pc.binary_join_element_wise('"', texts, '"', "")
