"""Patterns of LIKE and ILIKE (ADQL 2.1, section 2.2): what escapes `%` and `_`."""

from __future__ import annotations

from sqlglot import exp

ESCAPE = "\\"
"""What makes `%` and `_` of a pattern stand for themselves, as in PostgreSQL; ADQL says nothing of it."""


def like(kind: type[exp.Like | exp.ILike], value: exp.Expr, pattern: exp.Expr) -> exp.Expr:
    """Give whether a text matches a pattern."""
    matches = kind(this=value, expression=pattern)
    # The engine finds the beginnings of texts faster where nothing is escaped.
    plain_pattern = pattern.is_string and ESCAPE not in pattern.name
    return matches if plain_pattern else exp.Escape(this=matches, expression=exp.Literal.string(ESCAPE))


def ends_in_escape(pattern: str) -> bool:
    """Say whether the last character of a pattern escapes one that is not there."""
    return (len(pattern) - len(pattern.rstrip(ESCAPE))) % 2 == 1
