"""Joins by position as equal row numbers: which rows of two tables are near is found beside the database. Pure.

A database joins by equality or by order; of two positions neither says that they are near. So the tables of such a join
are read into memory, pairs of their rows are found (`engine/pairs.py`), and what is joined is the first table and, by
the numbers of its rows, the rows of the second that are near. The condition of the query still decides on each pair.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from uraniborg_portal.adql.identifiers import quoted
from uraniborg_portal.adql.models import Pairing, Point
from uraniborg_portal.adql.sky import BAND, NEAR, tables_of
from uraniborg_portal.engine.matching import LEFT_ROW, ROW, Match, Matching, Side
from uraniborg_portal.engine.text import text_of

FEW_PAIRS = 5_000_000
"""Pairs that are tried one by one in less time than finding them takes."""
FARTHEST = 0.25
"""Degrees above which so many pairs are near that nothing is gained."""


@dataclass(kw_only=True)
class OpenSide:
    """A side, as far as it is known."""

    source: exp.Select
    alias: str
    positions: list[exp.Expr] = field(default_factory=list)

    def position(self, point: Point) -> tuple[str, str]:
        """Give the columns of a point of this table's rows."""
        names = []
        for value in (point.longitude, point.latitude):
            names.append(f"position {len(self.positions)}")
            self.positions.append(exp.Alias(this=value.copy(), alias=quoted(names[-1])))
        return names[0], names[1]

    def sql(self) -> str:
        """Give the SELECT of its rows."""
        inner = exp.Subquery(this=self.source, alias=exp.TableAlias(this=quoted(self.alias)))
        everything = exp.Column(this=exp.Star(), table=quoted(self.alias))
        return text_of(exp.Select(expressions=[everything, *self.positions], from_=exp.From(this=inner)))


class Matcher:
    """Changes the joins by position in the SQL of one query, and gathers what they need."""

    def __init__(self, sql: exp.Query, sources: Mapping[str, exp.Select], rows: Mapping[str, int]) -> None:
        """Take SQL, which is changed, what reads its tables, by their names, and how many rows they have, about."""
        self.sql = sql
        self.sources = sources
        self.rows = rows
        self.names = {table.alias: table.name for table in sql.find_all(exp.Table) if table.name in sources}
        """The name of each table by its alias, of which no two are the same."""
        self.sides: dict[str, OpenSide] = {}
        self.matches: list[Match] = []

    def matching(self) -> Matching:
        """Change the SQL, and give what has to be made before it runs."""
        for select in list(self.sql.find_all(exp.Select)):
            first = select.args["from_"].this if select.args.get("from_") else None
            if isinstance(first, exp.Table):
                self.joined(select, first)
        for table in list(self.sql.find_all(exp.Table)):
            if table.name in self.sides:
                table.set("this", quoted(side_name(table.name)))
        sides = tuple(Side(name=side_name(name), sql=side.sql()) for name, side in self.sides.items())
        return Matching(sides=sides, matches=tuple(self.matches))

    def joined(self, select: exp.Select, first: exp.Table) -> None:
        """Change the joins of one FROM."""
        before = {first.alias} & self.names.keys()
        for join in first.args.get("joins") or ():
            alias = join.this.alias if isinstance(join.this, exp.Table) else ""
            if alias in self.names and join.side in ("", "LEFT"):
                near = next(self.nearness(join, select, before), None)
                if near is not None:
                    self.join_rows(join, near)
                before.add(alias)

    def nearness(self, join: exp.Join, select: exp.Select, before: set[str]) -> Iterator[exp.Expr]:
        """Give the conditions of a join, or of WHERE where it is an inner one, that its table is near one before it."""
        where = select.args.get("where")
        for condition in (join.args.get("on"), where.this if where and not join.side else None):
            for each in sides_of_and(condition) if condition is not None else ():
                pairing: Pairing | None = each.meta.get(NEAR)
                if pairing is None or pairing.degrees > FARTHEST:
                    continue
                aliases = [table_of(point) for point in pairing.points]
                if join.this.alias in aliases and set(aliases) & before and self.are_many(aliases):
                    yield each

    def are_many(self, aliases: list[str]) -> bool:
        """Say whether so many pairs are possible that they are not tried one by one."""
        return math.prod(self.rows[self.names[alias]] for alias in aliases) > FEW_PAIRS

    def join_rows(self, join: exp.Join, near: exp.Expr) -> None:
        """Join by the numbers of rows in place of being near."""
        pairing: Pairing = near.meta[NEAR]
        mine, other = pairing.points if table_of(pairing.points[0]) == join.this.alias else pairing.points[::-1]
        left, right = self.side_of(other), self.side_of(mine)
        match = Match(
            name=f"match {len(self.matches)}", left=side_name(self.names[table_of(other)]),
            right=side_name(self.names[table_of(mine)]), left_position=left.position(other),
            right_position=right.position(mine), degrees=pairing.degrees,
        )  # fmt: skip
        self.matches.append(match)
        # The band stays as a test of each pair; it is no longer what the tables are joined by.
        for node in (near, *near.iter_expressions()):
            node.meta.pop(NEAR, None)
            node.meta.pop(BAND, None)
        numbers = exp.EQ(this=column(LEFT_ROW, join.this.alias), expression=column(ROW, table_of(other)))
        on = join.args.get("on")
        join.set("on", exp.And(this=numbers, expression=on) if on is not None else numbers)
        join.set("kind", None)
        join.this.set("this", quoted(match.name))

    def side_of(self, point: Point) -> OpenSide:
        """Give the side of a point's table."""
        alias = table_of(point)
        name = self.names[alias]
        return self.sides.setdefault(name, OpenSide(source=self.sources[name], alias=alias))


def table_of(point: Point) -> str:
    """Give the alias of the only table whose rows have a point."""
    (alias,) = tables_of(exp.Tuple(expressions=[point.longitude, point.latitude]))
    return alias


def side_name(table: str) -> str:
    """Give the name of a table in memory."""
    return f"rows of {table}"


def column(name: str, alias: str) -> exp.Column:
    """Give a column of a table."""
    return exp.Column(this=quoted(name), table=quoted(alias))


def sides_of_and(condition: exp.Expr) -> Iterator[exp.Expr]:
    """Give all that has to be true for a condition."""
    waiting = [condition]
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.Paren):
            waiting.append(node.this)
        elif isinstance(node, exp.And) and not node.meta.get(NEAR):
            waiting += [node.expression, node.this]
        else:
            yield node
