"""The datatypes of values (VOTable 1.4, section 2.1), which of them holds which, and the engine's types for them."""

from __future__ import annotations

from sqlglot import exp

from uraniborg_portal.catalogs import models

INTEGERS = ("short", "int", "long")
NUMBERS = (*INTEGERS, "float", "double")
TEXTS = models.TEXTS
CASTS = {
    exp.DType.SMALLINT: "short", exp.DType.INT: "int", exp.DType.BIGINT: "long", exp.DType.FLOAT: "float",
    exp.DType.DOUBLE: "double", exp.DType.VARCHAR: "char", exp.DType.TIMESTAMP: "char",
}  # fmt: skip
"""What CAST to a type of the engine gives."""
WHOLE = {"short": "SMALLINT", "int": "INT", "long": "BIGINT"}
"""The engine's types of whole numbers."""


def wider(left: str, right: str) -> str:
    """Give the type that holds values of both: the wider one, DOUBLE where a long meets a float."""
    if {left, right} == {"long", "float"}:
        return "double"
    return max(left, right, key=lambda datatype: NUMBERS.index(datatype) if datatype in NUMBERS else 1)


def arithmetic_type(left: str, right: str) -> str:
    """Give the type of arithmetic: the wider one, DOUBLE where a whole number meets REAL, as in PostgreSQL."""
    return "double" if "float" in (left, right) and {left, right} & {*INTEGERS} else wider(left, right)


def text_type(*datatypes: str) -> str:
    """Give the datatype that holds texts of all of these."""
    return "unicodeChar" if "unicodeChar" in datatypes else "char"


def as_whole(sql: exp.Expr, datatype: str) -> exp.Expr:
    """Give SQL as a whole number of a datatype."""
    return exp.Cast(this=sql, to=exp.DataType.build(WHOLE[datatype]))
