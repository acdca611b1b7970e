"""Rows as formats write them: columns in the Arrow types of their datatypes, and what is told before the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import pyarrow as pa

from uraniborg_portal.catalogs import datatypes, models
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import Rows

TEXTS = models.TEXTS
NOT_ASCII = r"[^\x00-\x7F]"
REPLACEMENT = "?"
"""What stands for a character that a `char` column can't hold."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Rows whose Arrow types and column descriptions agree exactly; to be taken once."""

    columns: tuple[Column, ...]
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    """In order; there may be none, and none of them is empty."""


def prepare(result: Rows) -> Prepared:
    """Give rows in the Arrow types of their datatypes, once the first of them are there.

    A text column is `char` where its declaration says so and the first batch agrees, and `unicodeChar` otherwise: a
    computed column may hold what its source did not. What later batches hold beyond ASCII in a `char` column is in no
    promise of its declaration; `VOTable` writers put `?` for each such character, all others keep it.
    """
    found = (exact(batch, result.columns) for batch in result.batches() if batch.num_rows)
    first = list(_one(found))
    columns = tuple(_described(column, first, number) for number, column in enumerate(result.columns))
    return Prepared(columns=columns, schema=schema(result.columns), batches=chain(first, found))


def schema(columns: tuple[Column, ...]) -> pa.Schema:
    """Give the names and Arrow types of columns."""
    return pa.schema([(column.name, datatypes.arrow_of(column)) for column in columns])


def exact(batch: pa.RecordBatch, columns: tuple[Column, ...]) -> pa.RecordBatch:
    """Give a batch in the types of its columns' datatypes."""
    wanted = schema(columns)
    if batch.schema.equals(wanted):
        return batch
    arrays = [
        _decoded(values).cast(field.type, safe=False) for values, field in zip(batch.columns, wanted, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=wanted)


def _one(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield batch
        return


def _decoded(values: pa.Array) -> pa.Array:
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values


def _described(column: Column, first: list[pa.RecordBatch], number: int) -> Column:
    if column.datatype not in TEXTS:
        return column
    plain = all(datatypes.is_ascii(batch.column(number)) for batch in first)
    return replace(column, datatype=column.datatype if plain else "unicodeChar", arraysize=column.arraysize or "*")
