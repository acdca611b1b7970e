"""Row groups that are read into memory before the SQL runs, which names them: the least work for few rows. Pure.

A database that opens a Parquet file reads its footer, and binds, plans and decodes all columns that the answer shows.
Of a cone it needs the position only: which row groups hold it is known (`catalogs/zones.py`), the SQL says which of
their rows are asked for, by number, and the other columns are read where these rows are. Where the SQL is plain, a
program says it in its place (`engine/select.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from uraniborg_portal.adql.bind_queries import no_place
from uraniborg_portal.adql.binding import parts_of
from uraniborg_portal.adql.datatypes import TEXTS
from uraniborg_portal.adql.identifiers import quoted
from uraniborg_portal.adql.models import Scan
from uraniborg_portal.engine.fetching import NUMBER, Fetch, Fetching, Shown
from uraniborg_portal.engine.reading import (
    Reading,
    Stored,
    described_source,
    held_source,
    may_be_nan,
    nothing_of,
    shard_source,
    with_computed,
)  # fmt: skip
from uraniborg_portal.engine.scatter import sort_keys
from uraniborg_portal.engine.select import selecting_by
from uraniborg_portal.engine.statement import Statement
from uraniborg_portal.engine.text import text_of

MOST_GROUPS = 32
"""Row groups of one table that are read into memory; more of them flow better through the database."""
MOST_VALUES, OF_A_TEXT = 4_000_000, 4
"""Values (rows times columns) of one step that are in memory at once, of which a text counts as several."""
PLAIN = {"expressions", "from_", "where", "order", "limit", "offset"}
"""The parts of a SELECT each row of which is a row of its table."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What a query reads: the SELECT of each scan by its key, some of them of tables in memory."""

    selects: Mapping[str, exp.Select]
    fetching: Fetching


def sources_of(
    scans: Sequence[Scan], stored: Callable[[str], Stored], readings: Mapping[str, Reading]
) -> Sources:  # fmt: skip
    """Give what reads each scan: small ones are in memory before, as many as memory has room for."""
    selects, tables, left = dict[str, exp.Select](), list[Fetch](), MOST_VALUES
    for scan in scans:
        reading = readings.get(scan.key)
        if reading is None:
            source = described_source(scan)
        elif is_small(reading) and values_of(scan, reading, scan.columns) <= left:
            left -= values_of(scan, reading, scan.columns)
            tables.append(fetch_of(scan, stored(reading.catalog), reading))
            source = held_source(scan, stored(reading.catalog).collection, tables[-1].name)
        else:
            source = shard_source(scan, stored(reading.catalog), reading)
        selects[scan.key] = with_computed(source, scan)
    return Sources(selects=selects, fetching=Fetching(tables=tuple(tables)))


def numbered(
    sql: exp.Query, scan: Scan, stored: Callable[[str], Stored], readings: Mapping[str, Reading]
) -> Statement | None:
    """Give a query whose rows are rows of its only scan as one that gives their numbers; a plain one has no SQL.

    None where it is no such query, or reads so much that it is better read in a stream.
    """
    reading = readings.get(scan.key)
    if reading is None or not is_small(reading) or not isinstance(sql, exp.Select) or not is_of_rows(sql, scan):
        return None
    alias, order = sql.args["from_"].this.alias_or_name, sorted_by_values(sql)
    shown, made = shown_of(sql, scan)
    parts = [part for each in (*made, sql.args.get("where"), order) if each is not None for part in parts_of(each)]
    if any(isinstance(part, exp.Query | exp.AggFunc) for part in parts):
        return None
    narrow = replace(scan, columns=columns_in(scan, parts))
    # Rows that are sorted are in memory all at once.
    if values_of(scan, reading, scan.columns if order else narrow.columns) > MOST_VALUES:
        return None
    where = stored(reading.catalog)
    fetch = fetch_of(narrow, where, reading)
    fetching = Fetching(tables=(fetch,), shown=shown)
    selecting = None if made else selecting_by(sql, narrow, order)
    if selecting is not None:
        return Statement(sql="", fetching=fetching, selecting=selecting)
    number = exp.Alias(this=exp.Column(this=quoted(NUMBER), table=quoted(alias)), alias=quoted(NUMBER))
    asked = exp.Select(**{**sql.args, "expressions": [*made, number], "order": order})
    source = with_computed(held_source(narrow, where.collection, fetch.name, more=(NUMBER,)), narrow)
    return Statement(sql=text_of(asked, {scan.key: source}), fetching=fetching)


def is_small(reading: Reading) -> bool:
    """Say whether it is known which row groups are read, and they are few."""
    return reading.groups is not None and len(reading.groups.number) <= MOST_GROUPS


def values_of(scan: Scan, reading: Reading, names: Iterable[str]) -> int:
    """Give how many values some columns have in the row groups of a small reading, with the index of the rows."""
    read = set(names)
    texts = sum(column.datatype in TEXTS for column in scan.table.columns if column.name in read)
    rows = reading.groups.rows if reading.groups else 0
    return rows * (1 + len(read) + texts * (OF_A_TEXT - 1))


def is_of_rows(sql: exp.Select, scan: Scan) -> bool:
    """Say whether a SELECT, as far as its parts say, gives rows of one scan, and a number of theirs can be named."""
    first = sql.args["from_"].this
    return (
        isinstance(first, exp.Table)
        and first.name == scan.key
        and not first.args.get("joins")
        and {name for name, value in sql.args.items() if value} <= PLAIN
        and all(column.name.lower() != NUMBER for column in scan.table.columns)
    )


def shown_of(sql: exp.Select, scan: Scan) -> tuple[tuple[Shown, ...], list[exp.Expr]]:
    """Give the columns of an answer, and those of them that SQL has to give."""
    used = set(scan.columns)
    by_name = {column.name: column for column in scan.table.columns if column.name in used}
    shown, made = list[Shown](), list[exp.Expr]()
    for item in sql.expressions:
        value, name = item.args["this"], item.args["alias"].args["this"]
        # Of the only table, whatever stands before it: sqlglot's own ways to names take long for hundreds of them.
        column = by_name.get(value.args["this"].args.get("this")) if isinstance(value, exp.Column) else None
        if column is None:
            made.append(exp.Alias(this=value, alias=quoted(f"value {len(made)}")))
        source = column.name if column else None
        shown.append(Shown(name=name, source=source, no_nan=column is not None and may_be_nan(column)))
    return tuple(shown), made


def columns_in(scan: Scan, parts: Iterable[exp.Expr]) -> tuple[str, ...]:
    """Give the columns of a scan that parts of SQL name, and what is computed of its columns."""
    computed = (part for _, value in scan.computed for part in parts_of(value))
    used = {part.name for each in (parts, computed) for part in each if isinstance(part, exp.Column)}
    return tuple(name for name in scan.columns if name in used)


def sorted_by_values(sql: exp.Select) -> exp.Order | None:
    """Give ORDER BY without numbers of columns; None where there is none."""
    order = sql.args.get("order")
    if not order:
        return None
    by = zip(order.expressions, sort_keys(sql), strict=True)
    return exp.Order(expressions=[exp.Ordered(**{**each.args, "this": no_place(key)}) for each, key in by])


def fetch_of(scan: Scan, stored: Stored, reading: Reading) -> Fetch:
    """Give the row groups of a small reading, with the columns of a scan."""
    groups, index = reading.groups, stored.collection.healpix_column
    chosen = zip(reading.files, groups.of_files, strict=True) if groups else ()
    files = tuple((str(file), numbers) for file, numbers in chosen)
    return Fetch(
        name=f"row groups of {scan.key}",
        # Of no row group, too, names and types are asked.
        files=files or tuple((str(file), ()) for file in nothing_of(stored)),
        columns=(*scan.columns, index) if scan.healpix and index else scan.columns,
        index=index if reading.ranges is not None else None,
        ranges=tuple((int(low), int(high)) for low, high in reading.ranges or ()),
    )
