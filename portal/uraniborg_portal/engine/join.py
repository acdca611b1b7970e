"""Joins of two catalogs by nothing but position, whose answer shows columns as they are, without a database. Pure.

A database reads all columns of both, joins them by the numbers of the pairs that were found, and gives the columns
anew: that takes twice the time of all that can't be done without. Positions are read, pairs found, and of the row
groups that have some the other columns are read and put side by side. Pairs on which the last digits decide are tested
by the condition of the query.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from uraniborg_portal.adql.identifiers import quoted
from uraniborg_portal.adql.models import Pairing, Point, Scan
from uraniborg_portal.adql.sky import NEAR, separation, tables_of
from uraniborg_portal.engine.fetch import fetch_of
from uraniborg_portal.engine.joining import PAIR, JoinedColumn, JoinedSide, Joining
from uraniborg_portal.engine.match import FARTHEST, sides_of_and, table_of
from uraniborg_portal.engine.reading import Reading, Stored, may_be_nan
from uraniborg_portal.engine.statement import Statement
from uraniborg_portal.engine.text import text_of

PLAIN = {"expressions", "from_", "where", "limit"}
"""The parts of a SELECT each row of which is a pair of rows of its tables."""


@dataclass(frozen=True, kw_only=True)
class PlainSide:
    """A catalog of such a join."""

    scan: Scan
    position: tuple[str, str]
    named: tuple[str, str]
    """What the SQL that tests pairs calls the position's columns."""


@dataclass(frozen=True, kw_only=True)
class PlainJoin:
    """Such a join, of whatever is read of its catalogs."""

    sides: tuple[PlainSide, PlainSide]
    degrees: float
    columns: tuple[JoinedColumn, ...]
    most: int | None
    test: str
    """SQL that gives the numbers of those pairs that are within the angle, of a table of pairs."""

    def statement(
        self, stored: Callable[[str], Stored], readings: Mapping[str, Reading], cut_by: str | None
    ) -> Statement | None:
        """Give what reads and joins the row groups of two readings; None where it isn't known which these are.

        Rows that are read beside the ranges are left out where a query is cut by them, of the scan `cut_by`: any other
        row is in the answer where it is near one of these.
        """
        left, right = (self.side(side, stored, readings, cut_by) for side in self.sides)
        if left is None or right is None:
            return None
        columns = self.columns
        if rows_of(readings, self.sides[0]) < rows_of(readings, self.sides[1]):
            # What is larger is given as it is read.
            left, right = right, left
            columns = tuple(replace(each, side=1 - each.side) for each in columns)
        joining = Joining(sides=(left, right), degrees=self.degrees, columns=columns, most=self.most)
        return Statement(sql=self.test, joining=joining)

    def side(
        self,
        side: PlainSide,
        stored: Callable[[str], Stored],
        readings: Mapping[str, Reading],
        cut_by: str | None,
    ) -> JoinedSide | None:
        """Give what is read of a side; None where its row groups are not known."""
        reading = readings[side.scan.key]
        where = stored(reading.catalog)
        groups = reading.groups or where.pruning.matching(reading.chosen, None, {})
        # A shard that we wrote, of which row groups are known, is one file.
        if groups is None or len(reading.files) != len(reading.chosen):
            return None
        ranges = reading.ranges if side.scan.key == cut_by else None
        read = replace(reading, groups=groups, ranges=ranges)
        fetch = fetch_of(replace(side.scan, columns=side.position), where, read)
        return JoinedSide(fetch=fetch, position=side.position, named=side.named)


def plain_join(sql: exp.Query, scans: Sequence[Scan]) -> PlainJoin | None:
    """Give a query as such a join, None where it is another."""
    by_key = {scan.key: scan for scan in scans if is_plain(scan)}
    tables = joined_tables(sql) if isinstance(sql, exp.Select) and len(by_key) == len(scans) == 2 else {}
    if not isinstance(sql, exp.Select) or not tables or by_key.keys() != set(tables.values()):
        return None
    pairing = only_pairing(sql)
    if pairing is None or not {name for name, value in sql.args.items() if value} <= PLAIN:
        return None
    near, test = pairing
    places = {table_of(point): position_of(point) for point in near.points}
    left, right = (side_of(by_key[key], alias, places.get(alias)) for alias, key in tables.items())
    columns = shown_columns(sql, [by_key[key] for key in tables.values()], list(tables))
    limit = sql.args.get("limit")
    if columns is None or left is None or right is None:
        return None
    return PlainJoin(
        sides=(left, right), degrees=near.degrees, columns=columns,
        most=int(limit.expression.name) if limit else None, test=test_of(test),
    )  # fmt: skip


def is_plain(scan: Scan) -> bool:
    """Say whether a scan reads nothing but columns of a catalog."""
    return not (scan.table.in_memory or scan.computed or scan.tests or scan.healpix)


def joined_tables(sql: exp.Select) -> dict[str, str]:
    """Give the names of the tables of FROM by their aliases; none where there is another join than an inner one."""
    first = sql.args["from_"].this
    joins: list[exp.Join] = list(first.args.get("joins") or []) if isinstance(first, exp.Table) else []
    if len(joins) != 1 or joins[0].side or joins[0].args.get("using") or not isinstance(joins[0].this, exp.Table):
        return {}
    return {table.alias: table.name for table in (first, joins[0].this)}


def only_pairing(sql: exp.Select) -> tuple[Pairing, exp.Expr] | None:
    """Give the pairing of a join, and the condition that decides on it, where it asks for nothing else."""
    where, on = sql.args.get("where"), sql.args["from_"].this.args["joins"][0].args.get("on")
    parts = [part for each in (on, where.this if where else None) if each is not None for part in sides_of_and(each)]
    pairings: list[Pairing] = [part.meta[NEAR] for part in parts if part.meta.get(NEAR)]
    tests = [part for part in parts if not part.meta.get(NEAR)]
    if len(pairings) != 1 or len(tests) != 1 or pairings[0].degrees > FARTHEST:
        return None
    (pairing,), (test,) = pairings, tests
    separations = (separation(*pairing.points), separation(*pairing.points[::-1]))
    # The angle of a pairing is the largest that there is: of a constant one it is that.
    is_exact = isinstance(test, exp.LT | exp.LTE) and not tables_of(test.expression)
    return (pairing, test) if is_exact and test.this in separations else None


def position_of(point: Point) -> tuple[str, str] | None:
    """Give the columns of a point; None where it is calculated."""
    if not isinstance(point.longitude, exp.Column) or not isinstance(point.latitude, exp.Column):
        return None
    return point.longitude.name, point.latitude.name


def side_of(scan: Scan, alias: str, position: tuple[str, str] | None) -> PlainSide | None:
    """Give a side; None where its position is no pair of columns of double precision, as angles are calculated in."""
    doubles = {column.name for column in scan.table.columns if column.datatype == "double" and not column.is_array}
    if position is None or not set(position) <= doubles:
        return None
    return PlainSide(scan=scan, position=position, named=(f"{alias}.{position[0]}", f"{alias}.{position[1]}"))


def shown_columns(sql: exp.Select, scans: Sequence[Scan], aliases: Sequence[str]) -> tuple[JoinedColumn, ...] | None:
    """Give the columns of the answer; None where one is calculated."""
    stored = [{column.name: column for column in scan.table.columns} for scan in scans]
    shown = []
    for item in sql.expressions:
        value = item.this
        if not isinstance(item, exp.Alias) or not isinstance(value, exp.Column) or value.table not in aliases:
            return None
        side = aliases.index(value.table)
        column = stored[side].get(value.name)
        if column is None:
            return None
        shown.append(JoinedColumn(name=item.alias, side=side, source=column.name, no_nan=may_be_nan(column)))
    return tuple(shown)


def test_of(test: exp.Expr) -> str:
    """Give SQL that tests pairs, whose columns have the names of tables within theirs."""

    def one_table(node: exp.Expr) -> exp.Expr:
        return exp.Column(this=quoted(f"{node.table}.{node.name}")) if isinstance(node, exp.Column) else node

    pairs = exp.From(this=exp.Table(this=quoted(PAIR)))
    select = exp.Select(expressions=[exp.Column(this=quoted(PAIR))], from_=pairs)
    return text_of(select.where(test.transform(one_table), copy=False))


def rows_of(readings: Mapping[str, Reading], side: PlainSide) -> int:
    """Give the rows that are expected of a side."""
    return readings[side.scan.key].rows
