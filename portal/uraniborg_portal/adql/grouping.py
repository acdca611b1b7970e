"""Which columns of a value are neither grouped nor aggregated."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlglot import exp

from uraniborg_portal.adql.binding import parts_inside


def is_aggregated(sql: exp.Expr) -> bool:
    """Say whether a value has an aggregate of its own query; those of sub-queries are theirs."""
    waiting, seen = [sql], set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.AggFunc):
            return True
        if id(node) not in seen and not isinstance(node, exp.Query | exp.Column):
            # Geometry shares branches: looking at each once is a tenth of them all.
            seen.add(id(node))
            waiting += parts_inside(node)
    return False


def bare(sql: exp.Expr) -> exp.Expr:
    """Give a value without parentheses, which say nothing in a tree: equal ones are equal then."""
    return sql.transform(lambda node: node.unnest() if isinstance(node, exp.Paren) else node)


def loose_column(value: exp.Expr, groups: Sequence[exp.Expr], own: Collection[str]) -> str | None:
    """Give the name of a column that has more than one value per group, None where there is none.

    Parameters
    ----------
    value, groups
        Without parentheses, as `bare` gives them.
    own
        The tables of the query that is grouped: columns of a query around it have one value.
    """
    if isinstance(value, exp.AggFunc) or any(value == group for group in groups):
        return None
    if isinstance(value, exp.Column):
        return value.name if value.table in own else None
    for inner in value.iter_expressions():
        loose = loose_column(inner, groups, own)
        if loose is not None:
            return loose
    return None
