"""A query taken apart: what each part of the sky is asked, and how the answers become one (scatter and gather). Pure.

Rows of a query that reads one table, or joins others to it, are those of its parts one after the other. Groups are
made in each part and then of all parts' groups; aggregates of aggregates are those of the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from uraniborg_portal.adql.functions import over
from uraniborg_portal.adql.grouping import bare, is_aggregated
from uraniborg_portal.adql.identifiers import quoted

GATHERED = "gathered"
"""The table of all that the parts gave, as `Scattered.gather` names it."""
DOUBLE, BIGINT = "DOUBLE", "BIGINT"


@dataclass(frozen=True, kw_only=True)
class Scattered:
    """A query in two steps."""

    drivers: tuple[str, ...]
    """Scans by any of which it can be cut: every row of the result comes of one row of theirs."""
    part: exp.Query
    """What is asked of each part; its scans are those of the whole query."""
    gather: exp.Query | None
    """What is asked of all that the parts gave; None where that is the result, one part after the other."""


class Unsplittable(Exception):
    """A value of the query is not known from its parts."""


def scattered(sql: exp.Query) -> Scattered | None:
    """Give a bound query in two steps, None where it has to be answered as a whole."""
    if not isinstance(sql, exp.Select) or any(inner is not sql for inner in sql.find_all(exp.Query)):
        return None
    drivers = scans_that_cut(sql)
    if not drivers:
        return None
    try:
        part, gather = steps(sql)
    except Unsplittable:
        return None
    return Scattered(drivers=drivers, part=part, gather=gather)


def scans_that_cut(sql: exp.Select) -> tuple[str, ...]:
    """Give the scans of FROM of which every row of the result has one row: those that no outer join fills with NULL."""
    first = sql.args["from_"].this
    joins = first.args.get("joins") or ()
    if not isinstance(first, exp.Table) or any(join.side not in ("", "LEFT") for join in joins):
        return ()
    inner = () if any(join.side for join in joins) else (join.this for join in joins)
    return (first.name, *(table.name for table in inner if isinstance(table, exp.Table)))


def steps(sql: exp.Select) -> tuple[exp.Query, exp.Query | None]:
    """Give what is asked of the parts, and then of what they gave."""
    if any(sql.args.get(key) for key in ("group", "having")) or any(is_aggregated(each) for each in sql.expressions):
        return Groups(sql).steps()
    if any(sql.args.get(key) for key in ("order", "distinct", "offset")):
        return ordered(sql)
    return sql, None


def ordered(sql: exp.Select) -> tuple[exp.Query, exp.Query]:
    """Give the steps of a query whose rows are sorted, of which some are skipped, or of which no two are equal."""
    values = [item.this for item in sql.expressions]
    shown = [column(f"value {place}") for place in range(len(values))]
    by, keys = sql.args["order"].expressions if sql.args.get("order") else (), sort_keys(sql)
    # What the rows are sorted by is seldom shown; of equal rows it is, as DISTINCT asks.
    places = [place_of(key, values) for key in keys]
    hidden = {number: key for number, (key, place) in enumerate(zip(keys, places, strict=True)) if place is None}
    sort = [
        shown[place] if place is not None else column(f"key {number}")
        for number, place in enumerate(places)
    ]  # fmt: skip
    part = sql.copy()
    part.set("expressions", [
        *(exp.Alias(this=value.copy(), alias=each.this.copy()) for value, each in zip(values, shown, strict=True)),
        *(exp.Alias(this=key.copy(), alias=column(f"key {number}").this) for number, key in hidden.items()),
    ])  # fmt: skip
    skipped = int(sql.args["offset"].expression.name) if sql.args.get("offset") else 0
    if sql.args.get("limit"):
        part.set("limit", exp.Limit(expression=exp.Literal.number(int(sql.args["limit"].expression.name) + skipped)))
    part.set("offset", None)
    named = [exp.Alias(this=each, alias=item.args["alias"]) for each, item in zip(shown, sql.expressions, strict=True)]
    gather = of_gathered(named)
    if by:
        gather.set("order", exp.Order(expressions=[sorted_by(each, key) for each, key in zip(by, sort, strict=True)]))
    for key in ("distinct", "limit", "offset"):
        gather.set(key, sql.args[key].copy() if sql.args.get(key) else None)
    return part, gather


def sort_keys(sql: exp.Select) -> list[exp.Expr]:
    """Give the values by which the rows of a query are sorted, in place of the numbers of columns, too."""
    by = [each.this for each in sql.args["order"].expressions] if sql.args.get("order") else []
    return [sql.expressions[int(key.name) - 1].this if isinstance(key, exp.Literal) else key for key in by]


def place_of(value: exp.Expr, values: Sequence[exp.Expr]) -> int | None:
    """Give the place of a value among others, None where it is none of them."""
    wanted = bare(value)
    return next((place for place, each in enumerate(values) if bare(each) == wanted), None)


def of_gathered(expressions: Sequence[exp.Expr]) -> exp.Select:
    """Give a query of what the parts gave."""
    return exp.Select(expressions=list(expressions), from_=exp.From(this=exp.Table(this=quoted(GATHERED))))


def sorted_by(by: exp.Expr, value: exp.Expr) -> exp.Ordered:
    """Give an order like another one, by another value."""
    return exp.Ordered(this=value.copy(), desc=by.args.get("desc"), nulls_first=by.args.get("nulls_first"))


def column(name: str) -> exp.Column:
    """Give a column of what the parts gave."""
    return exp.Column(this=quoted(name))


class Groups:
    """The steps of a query whose rows are groups, or one group: gathers what each part has to give."""

    def __init__(self, sql: exp.Select) -> None:
        self.sql = sql
        self.groups: dict[exp.Expr, exp.Column] = {}
        """What the parts group by, without parentheses, and the column that has it."""
        self.values: dict[exp.Expr, exp.Column] = {}
        """Aggregates that the parts give, likewise."""

    def steps(self) -> tuple[exp.Query, exp.Query]:
        """Give what is asked of the parts, and then of what they gave.

        Raises
        ------
        Unsplittable
            A value is not known from those of the parts.
        """
        sql = self.sql
        groups = [self.grouped_by(each) for each in (sql.args["group"].expressions if sql.args.get("group") else ())]
        outputs = [exp.Alias(this=self.whole(item.this), alias=item.args["alias"]) for item in sql.expressions]
        gather = of_gathered(outputs)
        if sql.args.get("having"):
            gather.set("having", exp.Having(this=self.whole(sql.args["having"].this)))
        if groups:
            gather.set("group", exp.Group(expressions=groups))
        if sql.args.get("order"):
            by = sql.args["order"].expressions
            gather.set("order", exp.Order(expressions=[sorted_by(each, self.whole(each.this)) for each in by]))
        for key in ("distinct", "limit", "offset"):
            gather.set(key, sql.args[key].copy() if sql.args.get(key) else None)
        return self.part(), gather

    def part(self) -> exp.Select:
        """Give what is asked of the parts: groups and aggregates, without order or limit."""
        part = self.sql.copy()
        for key in ("having", "order", "limit", "offset", "distinct", "group"):
            part.set(key, None)
        given = [*self.groups.items(), *self.values.items()]
        part.set("expressions", [exp.Alias(this=value.copy(), alias=name.this.copy()) for value, name in given])
        if self.groups:
            part.set("group", exp.Group(expressions=[value.copy() for value in self.groups]))
        if not given:
            # `SELECT 1 ... GROUP BY` has values of nothing: it is the groups that matter, and there are none.
            raise Unsplittable
        return part

    def grouped_by(self, value: exp.Expr) -> exp.Column:
        """Give the column of a value by which the parts group."""
        return self.groups.setdefault(bare(value), column(f"group {len(self.groups)}")).copy()

    def given(self, value: exp.Expr) -> exp.Column:
        """Give the column of an aggregate of the parts."""
        return self.values.setdefault(bare(value), column(f"value {len(self.values)}")).copy()

    def whole(self, value: exp.Expr) -> exp.Expr:
        """Give a value of the whole query by what the parts gave."""
        return value.transform(self.of_parts)

    def of_parts(self, node: exp.Expr) -> exp.Expr:
        """Give a group or an aggregate by what the parts gave, and what is made of them as it is."""
        if (group := self.groups.get(bare(node))) is not None:
            return group.copy()
        if isinstance(node, exp.AggFunc):
            return self.aggregate(node)
        if isinstance(node, exp.Column):
            raise Unsplittable
        return node

    def aggregate(self, value: exp.AggFunc) -> exp.Expr:
        """Give an aggregate of all rows by aggregates of the parts' rows."""
        merged: dict[type[exp.Expr], Callable[[exp.AggFunc], exp.Expr]] = {
            exp.Count: lambda each: exp.Coalesce(
                this=cast(exp.Sum(this=self.given(each)), BIGINT), expressions=[exp.Literal.number(0)]
            ),
            exp.Sum: lambda each: exp.Sum(this=self.given(each)),
            exp.Min: lambda each: exp.Min(this=self.given(each)),
            exp.Max: lambda each: exp.Max(this=self.given(each)),
            exp.Avg: self.average,
        }
        if type(value) not in merged:
            raise Unsplittable
        if isinstance(value.this, exp.Distinct):
            # The parts' groups are made by the value, too: each that there is comes once of each part at most.
            (inner,) = value.this.expressions
            return type(value)(this=exp.Distinct(expressions=[self.grouped_by(inner)]))
        return merged[type(value)](value)

    def average(self, value: exp.AggFunc) -> exp.Expr:
        """Give the mean of all rows by sums and counts of the parts' rows."""
        total, count = self.given(exp.Sum(this=value.this)), self.given(exp.Count(this=value.this))
        return over(cast(exp.Sum(this=total), DOUBLE), cast(exp.Sum(this=count), DOUBLE))


def cast(value: exp.Expr, kind: str) -> exp.Expr:
    """Give a value in another type."""
    return exp.Cast(this=value, to=exp.DataType.build(kind))
