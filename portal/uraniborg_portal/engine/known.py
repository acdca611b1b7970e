"""What a catalog's description answers exactly: COUNT, MIN and MAX over a whole table. No row is read."""

from __future__ import annotations

from sqlglot import exp

from uraniborg_portal.adql.datatypes import INTEGERS, as_whole
from uraniborg_portal.adql.models import BoundQuery
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.reading import Described

EXACT = 2**53
"""Whole numbers up to this size are kept as they are; of floats a description leaves out infinities."""
NARROWING = ("with_", "joins", "where", "group", "having", "distinct", "order", "offset")


def known_answer(bound: BoundQuery, catalog: Described) -> exp.Select | None:
    """Give the query with values in place of its aggregates; None where rows must be read for it.

    `catalog` is the table of the query's only scan.
    """
    query = bound.sql
    if not isinstance(query, exp.Select) or any(query.args.get(part) for part in NARROWING):
        return None
    source = query.args["from_"].this
    if not isinstance(source, exp.Table) or source.args.get("joins"):
        return None
    answer = exp.Select(expressions=[item.copy() for item in query.expressions])
    aggregates = list(answer.find_all(exp.AggFunc))
    if not aggregates:
        # A row for each of the table's, even where nothing of it is shown.
        return None
    for aggregate in aggregates:
        value = known_value(aggregate, catalog)
        if value is None:
            return None
        aggregate.replace(value)
    return None if answer.find(exp.Column) else answer


def known_value(aggregate: exp.AggFunc, catalog: Described) -> exp.Expr | None:
    """Give the value of an aggregate over all rows, None where the description does not know it."""
    inside = aggregate.this
    if isinstance(aggregate, exp.Count) and isinstance(inside, exp.Star):
        return whole(catalog.rows, "long")
    column = catalog.column(inside.name) if isinstance(inside, exp.Column) else None
    if column is None or column.nulls is None:
        return None
    if isinstance(aggregate, exp.Count):
        return whole(catalog.rows - column.nulls, "long")
    return extreme(aggregate, column, catalog.rows) if column.datatype in INTEGERS else None


def extreme(aggregate: exp.AggFunc, column: Column, rows: int) -> exp.Expr | None:
    """Give the smallest or largest value of a column of whole numbers."""
    if column.nulls == rows:
        return as_whole(exp.Null(), column.datatype)
    ends = {exp.Min: column.minimum, exp.Max: column.maximum}
    value = ends.get(type(aggregate))
    return whole(int(value), column.datatype) if value is not None and abs(value) <= EXACT else None


def whole(value: int, datatype: str) -> exp.Expr:
    """Give a whole number of a datatype."""
    number: exp.Expr = exp.Literal.number(abs(value))
    return as_whole(exp.Paren(this=exp.Neg(this=number)) if value < 0 else number, datatype)
