"""What is read to answer a query: which files, which HEALPix ranges, and the SQL over them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

from sqlglot import exp

from uraniborg_portal.adql.functions import null_for_nan
from uraniborg_portal.adql.models import BoundQuery, Scan
from uraniborg_portal.adql.sky import BAND, tables_of
from uraniborg_portal.catalogs.models import Catalog, Collection, Column
from uraniborg_portal.catalogs.shards import Ranges, Shards
from uraniborg_portal.engine.known import known_answer

MOST_RANGES = 64
"""HEALPix ranges in one scan; neighbours with the smallest gaps are joined to keep to it."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A catalog and where it is on disk."""

    catalog: Catalog
    collection: Collection
    shards: Shards


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
    answered_by: Literal["shards", "description"] = "shards"
    """Whether rows are read, or the catalog's description knows the answer."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that the engine needs to answer a query."""

    sql: str
    columns: tuple[Column, ...]
    readings: tuple[Reading, ...]
    described: tuple[str, ...]
    """Tables of TAP_SCHEMA that are read, by the names that the SQL has for them."""
    rows: int
    """Rows that are fetched at most: one more than may be given, so that more is noticed."""


def make_plan(bound: BoundQuery, maxrec: int, stored: Callable[[str], Stored]) -> Plan:
    """Give the plan of a bound query of which at most `maxrec` rows are given; `stored` finds a catalog by name."""
    rows = maxrec + 1 if maxrec else 0
    most = rows if bound.top is None else min(bound.top, rows)
    known = known_plan(bound, most, rows, stored)
    if known is not None:
        return known
    readings, sources = [], {}
    for scan in bound.scans:
        if "." in scan.table.name:
            sources[scan.key] = with_computed(described_source(scan), scan)
        else:
            where = stored(scan.table.name)
            reading = read(scan, where)
            readings.append(reading)
            sources[scan.key] = with_computed(shard_source(scan, where, reading), scan)
    sql = limited(with_sources(bound.sql, sources), most)
    described = tuple(sorted({scan.table.name for scan in bound.scans if "." in scan.table.name}))
    return Plan(sql=sql.sql("duckdb"), columns=bound.columns, readings=tuple(readings), described=described, rows=rows)


def known_plan(bound: BoundQuery, most: int, rows: int, stored: Callable[[str], Stored]) -> Plan | None:
    """Give the plan of a query that the description of its only table answers, None for all others."""
    scans = [scan for scan in bound.scans if scan.cover is None and "." not in scan.table.name]
    if len(bound.scans) != 1 or not scans:
        return None
    where = stored(scans[0].table.name)
    answer = known_answer(bound, where.catalog)
    if answer is None:
        return None
    reading = Reading(
        key=scans[0].key, catalog=where.catalog.name, files=(), ranges=None, shards=0, of_shards=len(where.shards),
        columns=(), rows=0, of_rows=0, answered_by="description",
    )  # fmt: skip
    sql = limited(answer, most).sql("duckdb")
    return Plan(sql=sql, columns=bound.columns, readings=(reading,), described=(), rows=rows)


def read(scan: Scan, stored: Stored) -> Reading:
    """Give the shards that can hold what the scan looks for."""
    ranges = scan.cover.ranges() if scan.cover else None
    chosen = stored.shards.touching(ranges)
    sorted_rows = stored.collection.healpix_column is not None and stored.collection.healpix_order == 29
    return Reading(
        key=scan.key,
        catalog=scan.table.name,
        files=tuple(file for index in chosen.tolist() for file in stored.shards[index].files),
        ranges=joined(ranges) if ranges and sorted_rows else None,
        shards=len(chosen),
        of_shards=len(stored.shards),
        columns=scan.columns,
        rows=stored.shards.expected_rows(ranges),
        of_rows=int(stored.shards.rows[chosen].sum()),
    )


def joined(ranges: Ranges, most: int = MOST_RANGES) -> Ranges:
    """Give at most `most` ranges that hold all of these."""
    if len(ranges) <= most:
        return ranges
    gaps = sorted(range(1, len(ranges)), key=lambda i: ranges[i][0] - ranges[i - 1][1], reverse=True)
    cuts = [0, *sorted(gaps[: most - 1]), len(ranges)]
    return tuple((ranges[a][0], ranges[b - 1][1]) for a, b in pairwise(cuts))


def shard_source(scan: Scan, stored: Stored, reading: Reading) -> exp.Select:
    """Give the SELECT that reads a scan's columns from its files."""
    files = reading.files or stored.shards[0].files
    paths = exp.Array(expressions=[exp.Literal.string(str(file)) for file in files])
    hive = exp.EQ(this=exp.Identifier(this="hive_partitioning"), expression=exp.false())
    table = exp.Table(this=exp.Anonymous(this="read_parquet", expressions=[paths, hive]))
    select = exp.Select(expressions=output(scan, stored.collection), from_=exp.From(this=table))
    condition = range_condition(stored.collection, reading)
    return select.where(condition, copy=False) if condition is not None else select


def output(scan: Scan, collection: Collection) -> list[exp.Expr]:
    """Give the columns that a scan reads; NaN is NULL."""
    columns = [scan.table.columns[index] for index in indexes(scan)]
    found: list[exp.Expr] = [exp.Alias(this=clean(column), alias=quoted(column.name)) for column in columns]
    if scan.healpix and collection.healpix_column:
        found.append(exp.Column(this=quoted(collection.healpix_column)))
    return found or [exp.Alias(this=exp.Literal.number(1), alias=quoted("one"))]


def indexes(scan: Scan) -> list[int]:
    """Give the places of the used columns in the table."""
    return [index for index, column in enumerate(scan.table.columns) if column.name in scan.columns]


def clean(column: Column) -> exp.Expr:
    """Give a column's value, NULL in place of NaN."""
    value = exp.Column(this=quoted(column.name))
    return null_for_nan(value) if column.datatype in ("float", "double") and column.nulls != 0 else value


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


def with_sources(sql: exp.Query, sources: dict[str, exp.Select]) -> exp.Query:
    """Give the query with each scan replaced by what reads it."""
    whole = sql.copy()
    for table in list(whole.find_all(exp.Table)):
        source = sources.get(table.name)
        if source is not None:
            alias, joins = table.args.get("alias"), table.args.get("joins")
            table.replace(exp.Subquery(this=source.copy(), alias=alias, joins=joins))
    join_by_bands(whole)
    return whole


def join_by_bands(whole: exp.Query) -> None:
    """Leave the engine no other comparisons to join by than bands of latitude, where there are some.

    DuckDB 2.0.0 joins by the first two comparisons of one table with another, in an order of its own: by `a.id < b.id`
    it makes nearly every pair. It does not look into COALESCE(x, NULL), which is x.
    """
    comparisons = list(whole.find_all(exp.LT, exp.GT, exp.LTE, exp.GTE, exp.Between))
    if not any(node.meta.get(BAND) for node in comparisons):
        return
    for node in comparisons:
        if not node.meta.get(BAND) and is_of_two_tables(node):
            node.replace(exp.Coalesce(this=node.copy(), expressions=[exp.Null()]))


def is_of_two_tables(node: exp.Expr) -> bool:
    """Say whether one table's values are compared with another's."""
    first, *others = (set(tables_of(part)) for part in node.iter_expressions())
    return bool(first) and any(others) and not first & set().union(*others)


def limited(sql: exp.Query, rows: int) -> exp.Query:
    """Give the query with a limit on its rows."""
    sql.set("limit", exp.Limit(expression=exp.Literal.number(rows)))
    return sql


def quoted(name: str) -> exp.Identifier:
    """Give a name between double quotes."""
    return exp.Identifier(this=name, quoted=True)


def shards_read(readings: Sequence[Reading]) -> tuple[int, int]:
    """Give how many shards are read, and of how many."""
    return sum(reading.shards for reading in readings), sum(reading.of_shards for reading in readings)
