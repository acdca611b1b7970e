"""The sort of a value by its form, as the grammar tells numbers, texts and geometries apart (ADQL 2.1, appendix A)."""

from __future__ import annotations

from enum import StrEnum

from sqlglot import exp

GEOMETRIES = frozenset(("POINT", "CIRCLE", "BOX", "POLYGON", "REGION", "CENTROID"))
"""Functions that give a geometry."""
TEXTS = frozenset(("LOWER", "UPPER", "COORDSYS"))
NUMBERS = frozenset((
    "ABS", "ACOS", "AREA", "ASIN", "ATAN", "ATAN2", "CEILING", "CONTAINS", "COORD1", "COORD2", "COS", "COT", "DEGREES",
    "DISTANCE", "EXP", "FLOOR", "INTERSECTS", "IN_UNIT", "LOG", "LOG10", "MOD", "PI", "POWER", "RADIANS", "RAND",
    "ROUND", "SIN", "SQRT", "TAN", "TRUNCATE",
))  # fmt: skip
"""Functions that give a number."""
CALCULATIONS = (
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor, exp.BitwiseNot,
)  # fmt: skip


class Sort(StrEnum):
    """What a value can only be; as an error message says it."""

    NUMBER = "a number"
    TEXT = "a text"
    GEOMETRY = "a geometry"
    NULL = "NULL"
    ANY = "a value"
    """`<value_expression_primary>` and user-defined functions: its name or its inside decides."""


def sort_of(node: exp.Expr) -> Sort:
    """Give what a value can only be by its form."""
    if isinstance(node, exp.Null):
        return Sort.NULL
    if isinstance(node, CALCULATIONS) or node.meta.get("signed"):
        return Sort.NUMBER
    if isinstance(node, exp.DPipe):
        return Sort.TEXT
    return sort_of_function(node.name) if isinstance(node, exp.Anonymous) else Sort.ANY


def sort_of_function(name: str) -> Sort:
    """Give what a function's value can only be."""
    sorts = ((GEOMETRIES, Sort.GEOMETRY), (TEXTS, Sort.TEXT), (NUMBERS, Sort.NUMBER))
    return next((sort for names, sort in sorts if name in names), Sort.ANY)
