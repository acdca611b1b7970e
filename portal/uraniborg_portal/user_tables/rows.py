"""Rows that come to a table: given its columns and types, indexed by position, and written as a Parquet file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from uraniborg_portal.catalogs import layout, shard, statistics
from uraniborg_portal.catalogs.datatypes import arrow_of, is_string
from uraniborg_portal.catalogs.ingest.base import summary_of
from uraniborg_portal.catalogs.models import Column, Position
from uraniborg_portal.catalogs.statistics import Summary
from uraniborg_portal.catalogs.write import ROW_GROUP
from uraniborg_portal.engine.arrow import schema
from uraniborg_portal.engine.positions import positions_in
from uraniborg_portal.engine.upload import rows_without_nan
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.user_tables.models import UserTable

WRONGLY_FOUND = 0.01
"""How often a row group is read in vain for a value that it does not have."""


class PartWriter:
    """Writes one part of a table; used as a context, at whose end the file is whole."""

    def __init__(self, path: Path, table: UserTable, indexed: Iterable[str]) -> None:
        self.columns = table.columns
        self.position = table.position
        self.rows = 0
        self.summaries = [summary_of(without_rows(column)) for column in self.columns]
        """What the values are that were written, column by column."""
        fields = list(schema(self.columns))
        if self.position:
            fields.append(pa.field(layout.HEALPIX_COLUMN, pa.int64()))
        self.schema = pa.schema(fields)
        filters = {name: {"ndv": ROW_GROUP, "fpp": WRONGLY_FOUND} for name in indexed}
        self._file = pq.ParquetWriter(path, self.schema, compression="zstd", bloom_filter_options=filters or None)

    def __enter__(self) -> PartWriter:
        """Give the writer."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the file."""
        self._file.close()

    def write(self, rows: pa.Table, *, sort: bool) -> None:
        """Write rows that have the table's columns, along the HEALPix curve if they are to be sorted."""
        self.rows += rows.num_rows
        found = [statistics.summary(rows[column.name]) for column in self.columns]
        self.summaries = [statistics.joined(pair) for pair in zip(self.summaries, found, strict=True)]
        if self.position:
            rows = rows.append_column(layout.HEALPIX_COLUMN, healpix(rows, self.position))
            rows = rows.sort_by(layout.HEALPIX_COLUMN) if sort else rows
        self._file.write_table(rows.cast(self.schema), row_group_size=ROW_GROUP)


def healpix(rows: pa.Table, where: Position) -> pa.Array:
    """Give the HEALPix index of rows; NULL for those whose numbers are no position."""
    ra, dec = positions_in(rows, where.ra, where.dec)
    known = np.isfinite(ra) & (np.abs(dec) <= 90)
    index = np.zeros(len(ra), np.int64)
    index[known] = shard.healpix_index(ra[known] % 360, dec[known])
    return pa.array(index, mask=~known)


def types_of(columns: Sequence[Column]) -> dict[str, str]:
    """Give the Arrow types of columns by their names in lower case."""
    return {column.name.lower(): str(arrow_of(column)) for column in columns}


def check_names(given: Iterable[str], columns: Sequence[Column]) -> None:
    """Let pass rows whose columns a table has.

    Raises
    ------
    BadParameter
        It has no such column.
    """
    known = {column.name.lower() for column in columns}
    unknown = [name for name in given if name.lower() not in known]
    if unknown:
        shown = ", ".join(column.name for column in columns[:20])
        raise BadParameter(
            f"The table has no column {unknown[0][:80]!r}; it has: {shown}.",
            "The first line of a text names its columns; those that are left out are NULL.",
        )


def fitted(batch: pa.RecordBatch, columns: Sequence[Column]) -> pa.Table:
    """Give rows with a table's columns and types: found by name in any case, NULL where there are none.

    Raises
    ------
    BadParameter
        A value is not of its column's type.
    """
    given = rows_without_nan(pa.table(batch))
    places = {name.lower(): name for name in given.column_names}
    values = [fitted_column(given, places.get(column.name.lower()), column) for column in columns]
    return pa.table(values, schema=schema(columns))


def fitted_column(given: pa.Table, name: str | None, column: Column) -> pa.ChunkedArray:
    """Give the values of one column."""
    kind = arrow_of(column)
    if name is None:
        return pa.chunked_array([pa.nulls(given.num_rows, kind)])
    values = given[name]
    if is_string(values.type) and not is_string(kind):
        trimmed = pc.utf8_trim_whitespace(values)
        values = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, values.type), trimmed)
    try:
        return values.cast(kind)
    except pa.ArrowException as error:
        said = str(error).partition("\n")[0].rstrip(".")[:200]
        raise BadParameter(
            f"The column {column.name[:80]!r} of the table is of {column.datatype}: {said}.",
            "Nothing was added. Correct the values and load them again.",
        ) from error


def without_rows(column: Column) -> Column:
    """Give a column as one that has no value yet."""
    return replace(column, minimum=None, maximum=None, nulls=0)


def described(columns: Sequence[Column], found: Sequence[Summary]) -> tuple[Column, ...]:
    """Give columns with what their values are, those of before and those that were found now."""
    pairs = zip(columns, found, strict=True)
    return tuple(with_summary(column, statistics.joined((summary_of(column), new))) for column, new in pairs)


def with_summary(column: Column, found: Summary) -> Column:
    """Give a column with what its values are; its texts are `unicodeChar` as soon as one is not ASCII."""
    datatype = column.datatype if found.ascii or column.arraysize is None else "unicodeChar"
    low, high = (None if each is None else float(each) for each in (found.low, found.high))
    return replace(column, datatype=datatype, minimum=low, maximum=high, nulls=found.missing)
