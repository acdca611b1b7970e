"""Which columns of a value are neither grouped nor aggregated."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp


def is_aggregated(sql: exp.Expr) -> bool:
    """Say whether a value has an aggregate of its own query; those of sub-queries are theirs."""
    own = sql.walk(prune=lambda node: isinstance(node, exp.Query))
    return any(isinstance(node, exp.AggFunc) for node in own)


def check_groups(value: exp.Expr, groups: Sequence[exp.Expr]) -> str | None:
    """Give the name of a column that has more than one value per group, None where there is none."""
    if isinstance(value, exp.AggFunc) or any(value == group for group in groups):
        return None
    if isinstance(value, exp.Column):
        return value.name
    if isinstance(value, exp.Query):
        return None
    for inner in value.iter_expressions():
        loose = check_groups(inner, groups)
        if loose is not None:
            return loose
    return None
