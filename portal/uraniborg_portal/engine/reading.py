"""What is read of one catalog: which files, which HEALPix ranges, and the SELECT over them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from mocpy import MOC
from sqlglot import exp

from uraniborg_portal.adql.cover import ranges_of
from uraniborg_portal.adql.datatypes import INTEGERS, TEXTS
from uraniborg_portal.adql.identifiers import quoted
from uraniborg_portal.adql.models import Scan, Table
from uraniborg_portal.adql.sky import call
from uraniborg_portal.catalogs import layout
from uraniborg_portal.catalogs.models import Collection, Column, Director, Shard
from uraniborg_portal.catalogs.nested import path_of
from uraniborg_portal.catalogs.pruning import Pruning, RowGroups
from uraniborg_portal.catalogs.shards import Integers, Ranges, Shards

MOST_RANGES, FEW_RANGES = 64, 8
"""HEALPix ranges in one scan: few, or as many as it takes that the gaps between joined ones are no more than they."""


class Described(Protocol):
    """What is known of the rows of a catalog, or of a table that is stored as one."""

    @property
    def name(self) -> str:
        """Give the name that queries have for it."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Give its columns in their order."""

    @property
    def rows(self) -> int:
        """Give how many rows it has."""

    @property
    def identifier(self) -> str | None:
        """Give the column whose value names a row."""

    @property
    def of(self) -> Director | None:
        """Give the catalog to whose rows its own belong."""

    def column(self, name: str) -> Column:
        """Give the column of that name, any case; KeyError where there is none."""

    def homes(self, column: str) -> frozenset[str]:
        """Give stamps of the rows that the values of a column name, where rows lie with those; empty for others."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A catalog and where it is on disk."""

    catalog: Described
    collection: Collection
    shards: Shards
    pruning: Pruning
    """What is known of the shards beside their cells."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One reading of a catalog: its files and ranges."""

    key: str
    """Names the scan in the SQL of the bound query."""
    catalog: str
    files: tuple[Path, ...]
    ranges: Ranges | None
    """Half-open ranges of the HEALPix index; None for every row."""
    shards: int
    """Shards that are read."""
    of_shards: int
    """Shards that there are."""
    columns: tuple[str, ...]
    """Columns that are read."""
    rows: int
    """Rows expected in the ranges, as if each shard's lay evenly in its cell."""
    of_rows: int
    """Rows of the shards that are read."""
    chosen: Integers = field(default_factory=lambda: np.empty(0, np.int64), compare=False, repr=False)
    """Places of the shards among those of the catalog, rising."""
    groups: RowGroups | None = field(default=None, compare=False, repr=False)
    """The row groups that can hold what is looked for, of each of `files` some; None where nobody knows."""
    fetched: tuple[Shard, ...] = field(default=(), compare=False, repr=False)
    """The shards, where they come from another host; none of a catalog that is on this machine."""
    answered_by: Literal["shards", "description"] = "shards"
    """Whether rows are read, or the catalog's description knows the answer."""


def read(scan: Scan, stored: Stored, region: MOC | None) -> Reading:
    """Give the shards that can hold what the scan looks for in a region, None for the whole sky."""
    ranges = None if region is None else ranges_of(region)
    chosen, rows, groups = pruned(scan, stored, ranges)
    shards = tuple(stored.shards[index] for index in chosen.tolist())
    sorted_rows = stored.collection.healpix_column is not None and stored.collection.healpix_order == 29
    return Reading(
        key=scan.key,
        catalog=scan.table.name,
        files=files_of(shards, chosen, groups),
        ranges=joined(ranges) if ranges and sorted_rows and not stored.shards.are_inside(chosen, ranges) else None,
        shards=len(chosen),
        of_shards=len(stored.shards),
        columns=scan.columns,
        rows=rows,
        of_rows=int(stored.shards.rows[chosen].sum()),
        chosen=chosen,
        groups=groups,
        fetched=shards if stored.collection.origin else (),
    )


def files_of(shards: Sequence[Shard], chosen: Integers, groups: RowGroups | None) -> tuple[Path, ...]:
    """Give the files of some shards: where row groups of theirs are known, those that have any of these.

    Parameters
    ----------
    shards
        What is read.
    chosen
        Their places among those of the catalog, rising.
    groups
        Row groups of these shards.
    """
    if groups is None:
        return tuple(file for shard in shards for file in shard.files)
    of, part = groups.files
    places = np.searchsorted(chosen, of)
    return tuple(shards[place].files[number] for place, number in zip(places.tolist(), part.tolist(), strict=True))


def pruned(scan: Scan, stored: Stored, ranges: Ranges | None) -> tuple[Integers, int, RowGroups | None]:
    """Give the shards that can hold what a scan looks for in some ranges, how many rows that may be, and where."""
    chosen, rows = stored.shards.touching(ranges), stored.shards.expected_rows(ranges)
    limits = scan.cover.limits if scan.cover else {}
    held = holding(scan, stored.catalog.identifier or "", stored)
    if held is not None:
        chosen = np.intersect1d(chosen, held)
    if ranges is None and not limits:
        return chosen, rows, None
    found = stored.pruning.matching(chosen, ranges, {name: (each.low, each.high) for name, each in limits.items()})
    return (chosen, rows, None) if found is None else (found.shards, min(rows, found.rows), found)


def holding(scan: Scan, column: str, stored: Stored) -> Integers | None:
    """Give the shards of a catalog with the rows that values of a scan's column name; None where nobody knows.

    The column holds identifiers of that catalog, of which the query says which ones matter.
    """
    limits = scan.cover.limits if scan.cover else {}
    values = limits[column].values if column in limits and is_exact(scan.table, column) else None
    return stored.pruning.holding(tuple(values)) if values is not None else None


def is_exact(table: Table, name: str) -> bool:
    """Say whether a column has whole numbers or texts, of which one equals another or does not."""
    return any(column.name == name and column.datatype in (*INTEGERS, *TEXTS) for column in table.columns)


def joined(ranges: Ranges, most: int = MOST_RANGES, few: int = FEW_RANGES) -> Ranges:
    """Give ranges that hold all of these: the narrowest gaps are closed until they are few.

    They are more, up to `most`, where what lies in the gaps were more than the ranges themselves.
    """
    if len(ranges) <= min(most, few):
        return ranges
    widths = {place: ranges[place][0] - ranges[place - 1][1] for place in range(1, len(ranges))}
    gaps = sorted(widths, key=widths.__getitem__, reverse=True)
    inside, closed = sum(high - low for low, high in ranges), sum(widths.values())
    kept = 0
    while kept < min(most - 1, len(gaps)) and (kept < few - 1 or closed > inside):
        closed -= widths[gaps[kept]]
        kept += 1
    cuts = [0, *sorted(gaps[:kept]), len(ranges)]
    return tuple((ranges[a][0], ranges[b - 1][1]) for a, b in pairwise(cuts))


def shard_source(scan: Scan, stored: Stored, reading: Reading) -> exp.Select:
    """Give the SELECT that reads a scan's columns from its files."""
    files = reading.files or nothing_of(stored)
    paths = exp.Array(expressions=[exp.Literal.string(str(file)) for file in files])
    hive = exp.EQ(this=exp.Identifier(this="hive_partitioning"), expression=exp.false())
    table = exp.Table(this=exp.Anonymous(this="read_parquet", expressions=[paths, hive]))
    select = exp.Select(expressions=output(scan, stored.collection), from_=exp.From(this=table))
    condition = range_condition(stored.collection, reading)
    return select.where(condition, copy=False) if condition is not None else select


def held_source(scan: Scan, collection: Collection, table: str, more: tuple[str, ...] = ()) -> exp.Select:
    """Give the SELECT that reads a scan's columns, and some `more`, from a table in memory that has them."""
    expressions = [*output(scan, collection), *(exp.Column(this=quoted(name)) for name in more)]
    return exp.Select(expressions=expressions, from_=exp.From(this=exp.Table(this=quoted(table))))


def nothing_of(stored: Stored) -> tuple[Path, ...]:
    """Give files that are on this machine with the columns of a catalog, of which no row is wanted."""
    if stored.collection.origin is None:
        return stored.shards[0].files
    return (stored.collection.primary / layout.DATASET / layout.COMMON_METADATA,)


def output(scan: Scan, collection: Collection) -> list[exp.Expr]:
    """Give the columns that a scan reads; NaN is NULL."""
    columns = [scan.table.columns[index] for index in indexes(scan)]
    found: list[exp.Expr] = [exp.Alias(this=clean(column), alias=quoted(column.name)) for column in columns]
    if scan.healpix and collection.healpix_column:
        found.append(exp.Column(this=quoted(collection.healpix_column)))
    return found or [exp.Alias(this=exp.Literal.number(1), alias=quoted("one"))]


def indexes(scan: Scan) -> list[int]:
    """Give the places of the used columns in the table."""
    used = set(scan.columns)
    return [index for index, column in enumerate(scan.table.columns) if column.name in used]


def clean(column: Column) -> exp.Expr:
    """Give a column's value, NULL in place of NaN; an array as it is."""
    if column.is_array:
        return array(column)
    value = exp.Column(this=quoted(column.name))
    return without_nan(value) if may_be_nan(column) else value


def may_be_nan(column: Column) -> bool:
    """Say whether a column may have values that are NaN."""
    return column.datatype in ("float", "double") and column.nulls != 0


def array(column: Column) -> exp.Expr:
    """Give an array, which may be a field of a nested column."""
    if column.stored is None:
        return exp.Column(this=quoted(column.name))
    name, field, of_rows = path_of(column.stored)
    whole = exp.Column(this=quoted(name))
    if not of_rows:
        return exp.Dot(this=whole, expression=quoted(field))
    row = quoted("row")
    each = exp.Lambda(this=exp.Dot(this=row, expression=quoted(field)), expressions=[row])
    return call("list_transform", whole, each)


def without_nan(value: exp.Expr) -> exp.Expr:
    """Give a stored number, NULL in place of NaN.

    DuckDB 2.0.0 believes the statistics of a Parquet file, which leave NaN out, and drops `isnan(x)`, `x <> x` and
    `NULLIF(x, 'nan')` as never true. Of these two functions it knows nothing.
    """
    is_number = exp.Or(this=call("isfinite", value), expression=call("isinf", value))
    return exp.Case(ifs=[exp.If(this=is_number, true=value)])


def range_condition(collection: Collection, reading: Reading) -> exp.Expr | None:
    """Give the condition on the HEALPix index; FALSE where no shard can match."""
    if not reading.files:
        return exp.false()
    if reading.ranges is None or collection.healpix_column is None:
        return None
    index = exp.Column(this=quoted(collection.healpix_column))
    tests = [
        exp.Between(this=index.copy(), low=exp.Literal.number(low), high=exp.Literal.number(high - 1))
        for low, high in reading.ranges
    ]
    return exp.or_(*tests, copy=False)


def described_source(scan: Scan) -> exp.Select:
    """Give the SELECT that reads a table of TAP_SCHEMA."""
    names = scan.columns or (scan.table.columns[0].name,)
    expressions = [exp.Column(this=quoted(name)) for name in names]
    return exp.Select(expressions=expressions, from_=exp.From(this=exp.Table(this=quoted(scan.table.name))))


def with_computed(source: exp.Select, scan: Scan) -> exp.Select:
    """Give a source with the columns that are computed of its own."""
    if not scan.computed:
        return source
    computed = [exp.Alias(this=value, alias=quoted(name)) for name, value in scan.computed]
    inner = exp.Subquery(this=source, alias=exp.TableAlias(this=quoted("stored")))
    return exp.Select(expressions=[exp.Star(), *computed], from_=exp.From(this=inner))
