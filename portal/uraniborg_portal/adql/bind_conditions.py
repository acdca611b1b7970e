"""Search conditions bound, with where on the sky rows can be for which they are true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from uraniborg_portal.adql import cover
from uraniborg_portal.adql.bind_geometry import GeometryBinder
from uraniborg_portal.adql.cover import WHOLE, Limit, SkyCover
from uraniborg_portal.adql.models import Circle, Condition, Point, SkyCoverOf, Term
from uraniborg_portal.adql.nearness import beside, sharing
from uraniborg_portal.adql.patterns import ends_in_escape, like
from uraniborg_portal.adql.scope import Scope
from uraniborg_portal.adql.sky import in_band, number, roughly_in
from uraniborg_portal.adql.times import as_times

MIRRORED: dict[type[exp.Expr], type[exp.Binary]] = {
    exp.LT: exp.GT, exp.GT: exp.LT, exp.LTE: exp.GTE, exp.GTE: exp.LTE, exp.EQ: exp.EQ, exp.NEQ: exp.NEQ,
}  # fmt: skip
IN_A_ROW = 50
"""Conditions that AND or OR joins without parentheses."""
MOST_BANDS = 400
"""Bands that sides of OR have in a query until they are taken for the whole sky."""


class ConditionBinder(GeometryBinder):
    """Binds search conditions."""

    def query_columns(self, query: exp.Query, scope: Scope) -> tuple[exp.Query, tuple[Term, ...]]:
        """Bind a sub-query; a layer above does."""
        raise NotImplementedError

    def condition(self, node: exp.Expr, scope: Scope) -> Condition:
        """Bind a search condition."""
        binders: dict[type[exp.Expr], Callable[..., Condition]] = {
            exp.And: self.both, exp.Or: self.either, exp.Not: self.negation, exp.Paren: self.grouped,
            exp.EQ: self.comparison, exp.NEQ: self.comparison, exp.LT: self.comparison, exp.GT: self.comparison,
            exp.LTE: self.comparison, exp.GTE: self.comparison, exp.Between: self.between, exp.In: self.membership,
            exp.Like: self.pattern, exp.ILike: self.pattern, exp.Is: self.null_test, exp.Exists: self.existence,
        }  # fmt: skip
        return binders[type(node)](node, scope)

    def both(self, node: exp.And, scope: Scope) -> Condition:
        """Bind AND: rows are where all sides allow."""
        sides = [self.condition(side, scope) for side in sides_of(node)]
        merged: SkyCoverOf = {}
        for side in sides:
            for key, region in side.cover.items():
                merged[key] = merged[key] & region if key in merged else region
        return Condition(sql=joined(exp.And, [side.sql for side in sides]), cover=merged)

    def either(self, node: exp.Or, scope: Scope) -> Condition:
        """Bind OR: rows are where one side allows."""
        first, *others = (self.few_bands(self.condition(side, scope)) for side in sides_of(node))
        merged = first.cover
        for side in others:
            merged = {key: merged[key] | side.cover[key] for key in merged.keys() & side.cover.keys()}
        sql = joined(exp.Or, [side.sql for side in (first, *others)])
        return Condition(sql=exp.Paren(this=sql), cover=merged)

    def few_bands(self, side: Condition) -> Condition:
        """Give a side of OR, without its bands where there were many: each takes milliseconds to become cells."""
        self.bands += sum(region.band != WHOLE for region in side.cover.values())
        if self.bands <= MOST_BANDS:
            return side
        return replace(side, cover={key: replace(region, band=WHOLE) for key, region in side.cover.items()})

    def negation(self, node: exp.Not, scope: Scope) -> Condition:
        """Bind NOT."""
        return Condition(sql=exp.Not(this=exp.Paren(this=self.condition(node.this, scope).sql)))

    def grouped(self, node: exp.Paren, scope: Scope) -> Condition:
        """Bind a condition in parentheses."""
        inner = self.condition(node.this, scope)
        return Condition(sql=exp.Paren(this=inner.sql), cover=inner.cover)

    def comparison(self, node: exp.Binary, scope: Scope) -> Condition:
        """Bind a comparison of two numbers or two texts."""
        left, right = self.scalar(node.this, scope), self.scalar(node.expression, scope)
        self.comparable(node, left, right)
        if isinstance(left.sql, exp.Null) or isinstance(right.sql, exp.Null):
            self.notes.append("A comparison with NULL is never true: write IS NULL or IS NOT NULL.")
        kind = type(node)
        if (times := as_times(left, right)) is not None:
            return Condition(sql=kind(this=times[0], expression=times[1]))
        if left.constant is not None and right.constant is None:
            left, right, kind = right, left, MIRRORED[kind]
        # After grouping the value is compared as it is: it may be what the rows are grouped by.
        if scope.filters and kind is exp.EQ and left.truth is not None and right.constant in (0, 1):
            return truth(left, right.constant == 1)
        sql: exp.Expr = kind(this=left.sql, expression=right.sql)
        rough = self.rough(node, left, kind, right, scope)
        if rough is not None:
            sql = exp.Paren(this=exp.And(this=rough, expression=sql))
        return Condition(sql=sql, cover=self.where(left, kind, right))

    def rough(self, node: exp.Expr, left: Term, kind: type[exp.Expr], right: Term, scope: Scope) -> exp.Expr | None:
        """Give what is true wherever a distance is below a bound, and costs less; None where there is no such."""
        if left.distance is None or kind not in (exp.LT, exp.LTE) or not scope.filters:
            return None
        bound = right.constant
        if bound is None or not any(point.fixed for point in left.distance):
            return in_band(*left.distance, right.sql, None if bound is None else float(bound))
        for row, fixed in (left.distance, left.distance[::-1]):
            if fixed.fixed and not row.fixed:
                circle = Circle(center=fixed, radius=number(bound), fixed=float(bound))
                point = self.prepared(node, row, circle, scope)
                return roughly_in(point, circle) if isinstance(point, Point) and bound >= 0 else None
        return None

    def where(self, left: Term, kind: type[exp.Expr], right: Term) -> SkyCoverOf:
        """Give where the rows are of a distance, coordinate or column that is compared with a constant."""
        bound = right.constant
        if bound is None:
            return (self.band(left, limit_of([right])) or sharing(left, right)) if kind is exp.EQ else {}
        if left.distance and kind in (exp.LT, exp.LTE, exp.EQ):
            return near(left.distance, float(bound)) or beside(*left.distance, float(bound))
        limits: dict[type[exp.Expr], Limit | None] = {
            exp.EQ: limit_of([right]), exp.LT: Limit(high=float(bound)), exp.LTE: Limit(high=float(bound)),
            exp.GT: Limit(low=float(bound)), exp.GTE: Limit(low=float(bound)),
        }  # fmt: skip
        return self.band(left, limits.get(kind))

    def band(self, term: Term, limit: Limit | None) -> SkyCoverOf:
        """Give where the rows are of a column within a limit: a band of the sky, too, where it is a coordinate."""
        if limit is None or term.scan is None or term.origin is None:
            return {}
        where, name = self.scans[term.scan].table.position, term.origin[1]
        low, high, limits = limit.low, limit.high, {name: limit}
        if where and name == where.dec:
            return {term.scan: SkyCover(band=(0.0, 360.0, max(low, -90.0), min(high, 90.0)), limits=limits)}
        if where and name == where.ra and term.column.minimum is not None and term.column.minimum >= 0:
            return {term.scan: SkyCover(band=(max(low, 0.0), min(high, 360.0), -90.0, 90.0), limits=limits)}
        return {term.scan: SkyCover(limits=limits)}

    def between(self, node: exp.Between, scope: Scope) -> Condition:
        """Bind BETWEEN."""
        value, low, high = (self.scalar(node.args[key], scope) for key in ("this", "low", "high"))
        self.comparable(node, value, low)
        self.comparable(node, value, high)
        if (times := as_times(value, low, high)) is not None:
            return Condition(sql=exp.Between(this=times[0], low=times[1], high=times[2]))
        sql = exp.Between(this=value.sql, low=low.sql, high=high.sql)
        if low.constant is None or high.constant is None:
            return Condition(sql=sql)
        if value.distance:
            farthest = float(high.constant)
            return Condition(sql=sql, cover=near(value.distance, farthest) or beside(*value.distance, farthest))
        return Condition(sql=sql, cover=self.band(value, Limit(low=float(low.constant), high=float(high.constant))))

    def membership(self, node: exp.In, scope: Scope) -> Condition:
        """Bind IN with a list or a sub-query of one column."""
        value = self.scalar(node.this, scope)
        if node.args.get("query"):
            query, terms = self.query_columns(node.args["query"].this, scope)
            if len(terms) != 1:
                self.fail(node, f"the sub-query of IN has {len(terms)} columns, expected 1")
            self.comparable(node, value, terms[0])
            found = exp.In(this=value.sql, query=exp.Subquery(this=query))
            return Condition(sql=found, cover=sharing(value, terms[0]))
        members = [self.scalar(member, scope) for member in node.expressions]
        for member in members:
            self.comparable(node, value, member)
        if (times := as_times(value, *members)) is not None:
            return Condition(sql=exp.In(this=times[0], expressions=times[1:]))
        sql = exp.In(this=value.sql, expressions=[member.sql for member in members])
        return Condition(sql=sql, cover=self.band(value, limit_of(members)))

    def pattern(self, node: exp.Like | exp.ILike, scope: Scope) -> Condition:
        """Bind LIKE or ILIKE."""
        value, pattern = self.textual(node.this, scope), self.textual(node.expression, scope)
        if pattern.sql.is_string and ends_in_escape(pattern.sql.name):
            self.fail(node.expression, "the pattern ends with a backslash", r"A backslash itself is written \\.")
        return Condition(sql=like(type(node), value.sql, pattern.sql))

    def null_test(self, node: exp.Is, scope: Scope) -> Condition:
        """Bind IS NULL."""
        return Condition(sql=exp.Is(this=self.scalar(node.this, scope).sql, expression=exp.Null()))

    def existence(self, node: exp.Exists, scope: Scope) -> Condition:
        """Bind EXISTS."""
        query, _ = self.query_columns(node.this, scope)
        return Condition(sql=exp.Exists(this=query))


def limit_of(constants: Sequence[Term]) -> Limit | None:
    """Give the limit of a column that equals one of these; None where they are no constants."""
    texts = [term.sql.name for term in constants if isinstance(term.sql, exp.Literal) and term.sql.is_string]
    numbers = [term.constant for term in constants if term.constant is not None]
    if len(texts) == len(constants):
        return Limit(values=frozenset(texts))
    if len(numbers) < len(constants):
        return None
    # A column of whole numbers equals none of the others; of floats values are compared by their limits alone.
    whole = frozenset(int(value) for value in numbers if float(value).is_integer())
    return Limit(low=float(min(numbers)), high=float(max(numbers)), values=whole)


def sides_of(node: exp.Connector) -> list[exp.Expr]:
    """Give what AND or OR joins, of a whole row of them."""
    found, rest = [], node
    while type(rest) is type(node):
        found.append(rest.expression)
        rest = rest.this
    return [rest, *reversed(found)]


def joined(kind: type[exp.Connector], sides: Sequence[exp.Expr]) -> exp.Expr:
    """Give sides with AND or OR between them; many as a tree that is wide, as the engine reads none that is deep."""
    while len(sides) > IN_A_ROW:
        groups = [sides[start : start + IN_A_ROW] for start in range(0, len(sides), IN_A_ROW)]
        sides = [exp.Paren(this=joined(kind, group)) for group in groups]
    whole = sides[0]
    for side in sides[1:]:
        whole = kind(this=whole, expression=side)
    return whole


def truth(term: Term, wanted: bool) -> Condition:
    """Give the condition of CONTAINS(...) = 1 or = 0."""
    condition = exp.Paren(this=(term.truth or exp.false()))
    return Condition(sql=condition, cover=term.inside) if wanted else Condition(sql=exp.Not(this=condition))


def near(points: tuple[Point, Point], radius: float) -> SkyCoverOf:
    """Give where the rows are whose point is within a radius of a constant one."""
    for row, fixed in (points, points[::-1]):
        if row.scan and fixed.fixed:
            circle = Circle(center=fixed, radius=number(radius), fixed=radius)
            return {row.scan: cover.cone(*fixed.fixed, circle.fixed, row.moved)} if circle.fixed is not None else {}
    return {}
