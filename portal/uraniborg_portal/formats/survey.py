"""What has to be known of all rows before the first is written, where a format wants it: counts, widths, NULLs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs import datatypes
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import Rows
from uraniborg_portal.formats import batches
from uraniborg_portal.formats.packing import INTEGERS

WIDER = {"short": "int"}
"""Of two-byte numbers there may be each one; of longer ones there are never that many rows."""


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What all rows of a result have in common."""

    columns: tuple[Column, ...]
    """As they are to be written: text is `char` where all of it is ASCII, and one of short integers may be wider, so
    that a number is left for NULL.
    """
    rows: int
    longest: tuple[int, ...]
    """The bytes of the longest text of each column, or the numbers of its longest array; 0 for others."""
    total: tuple[int, ...]
    """All numbers of the arrays of each column, together; 0 for others."""
    nulls: tuple[int | None, ...]
    """For each column of whole numbers with a NULL, one that no value is; None for the others."""

    def batches(self, rows: Rows) -> Iterator[pa.RecordBatch]:
        """Give the rows in the columns' types."""
        return (batches.exact(batch, self.columns) for batch in rows.batches() if batch.num_rows)


@dataclass
class _Tally:
    longest: int = 0
    total: int = 0
    nulls: int = 0
    plain: bool = True
    least: int | None = None


def survey(rows: Rows) -> Survey:
    """Read all rows, more than once if need be; `rows` are repeatable."""
    prepared = batches.prepare(rows)
    tallies = [_Tally() for _ in prepared.columns]
    count = 0
    for batch in prepared.batches:
        count += batch.num_rows
        for values, tally in zip(batch.columns, tallies, strict=True):
            _add(tally, values)
    nulls: list[int | None] = []
    columns = list(prepared.columns)
    for number, (column, tally) in enumerate(zip(columns, tallies, strict=True)):
        null = None
        if not tally.plain:
            columns[number] = replace(column, datatype="unicodeChar")
        if column.datatype in INTEGERS and tally.nulls:
            null = _free(rows, prepared.columns, number, tally.least, count)
            if null is None:
                columns[number] = replace(column, datatype=WIDER[column.datatype])
                null = _lowest(columns[number])
        nulls.append(null)
    return Survey(
        columns=tuple(columns), rows=count, longest=tuple(tally.longest for tally in tallies),
        total=tuple(tally.total for tally in tallies), nulls=tuple(nulls),
    )  # fmt: skip


def _add(tally: _Tally, values: pa.Array) -> None:
    tally.nulls += values.null_count
    if pa.types.is_string(values.type):
        tally.longest = max(tally.longest, pc.max(pc.binary_length(values)).as_py() or 0)
        tally.plain = tally.plain and datatypes.is_ascii(values)
        return
    if pa.types.is_list(values.type):
        lengths = pc.list_value_length(values)
        tally.longest = max(tally.longest, pc.max(lengths).as_py() or 0)
        tally.total += pc.sum(lengths).as_py() or 0
        values = values.flatten()
        tally.nulls += values.null_count
    if pa.types.is_integer(values.type) and (least := pc.min(values).as_py()) is not None:
        tally.least = least if tally.least is None else min(tally.least, least)


def _lowest(column: Column) -> int:
    return int(np.iinfo(f"i{2 ** (INTEGERS.index(column.datatype) + 1)}").min)


def _free(rows: Rows, columns: tuple[Column, ...], number: int, least: int | None, count: int) -> int | None:
    """Give the least whole number that no value of a column is; None where the type has none left."""
    lowest = _lowest(columns[number])
    if least is None or least > lowest:
        return lowest
    # Of so many candidates one is free, as there are not as many values; an array's may be.
    taken = np.zeros(min(count + 1, -2 * lowest), np.bool_)
    for batch in rows.batches():
        values = batches.exact(batch, columns).column(number)
        found = (values.flatten() if pa.types.is_list(values.type) else values).drop_null().to_numpy()
        taken[(found[found < lowest + len(taken)].astype(object) - lowest).astype(np.int64)] = True
    return None if taken.all() else lowest + int(np.argmin(taken))
