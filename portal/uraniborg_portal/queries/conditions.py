"""Filters of the form as ADQL conditions; pure. Values are literals that we write, never text that we pass on."""

from __future__ import annotations

import math

from uraniborg_portal.adql.words import delimited
from uraniborg_portal.catalogs.models import TEXTS, Catalog, Column
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.queries.models import Filter

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
WITHOUT_VALUE = ("is null", "is not null")
OF_STRINGS = ("=", "!=", "like", "in", *WITHOUT_VALUE)
OF_NUMBERS = (*COMPARISONS, "between", "in", *WITHOUT_VALUE)
OF_BOOLEANS = ("=", "!=", *WITHOUT_VALUE)
LONGEST_LIST = 1000
"""Values of an `in` at most."""
LONGEST_STRING = 1000
"""Characters of a value at most."""


def column_of(catalog: Catalog, name: str, field: str) -> Column:
    """Give the catalog's column.

    Raises
    ------
    BadParameter
        The catalog has none of this name.
    """
    try:
        return catalog.column(name)
    except KeyError:
        known = ", ".join(column.name for column in catalog.columns)
        raise BadParameter(f"{catalog.name} has no column {name[:60]!r}; it has: {known}.", field=field) from None


def condition(catalog: Catalog, wanted: Filter, alias: str = "") -> str:
    """Give the ADQL condition of a filter; `alias` is what the query calls the catalog, where it has other tables.

    Raises
    ------
    BadParameter
        The column is unknown, the operator does not fit its type, or the value is no value of it.
    """
    column = column_of(catalog, wanted.column, "filters")
    table = f"{alias}." if alias else ""
    return f"{table}{delimited(column.name)} {comparison(column, wanted)}"


def comparison(column: Column, wanted: Filter) -> str:
    """Give what stands right of a filter's column.

    Raises
    ------
    BadParameter
        The operator does not fit its type, or the value is no value of it.
    """
    operator = " ".join(wanted.operator.lower().split())
    accepted = operators(column)
    if operator not in accepted:
        raise BadParameter(
            f"{wanted.operator[:20]!r} does not compare {column.name} ({column.datatype}); "
            f"accepted: {', '.join(accepted)}.",
            field="filters",
        )
    return compared(column, operator, wanted.value)


def operators(column: Column) -> tuple[str, ...]:
    """Give the operators that compare a column of this type."""
    if column.is_array:
        return WITHOUT_VALUE
    if column.datatype == "boolean":
        return OF_BOOLEANS
    return OF_STRINGS if column.datatype in TEXTS else OF_NUMBERS


def compared(column: Column, operator: str, value: object) -> str:
    """Give what stands right of the column."""
    if operator in WITHOUT_VALUE:
        return operator.upper()
    if operator == "in":
        values = values_of(column, value, range(1, LONGEST_LIST + 1))
        return f"IN ({', '.join(values)})"
    if operator == "between":
        low, high = values_of(column, value, range(2, 3))
        return f"BETWEEN {low} AND {high}"
    return f"{operator.upper()} {literal(column, value)}"


def values_of(column: Column, value: object, lengths: range) -> list[str]:
    """Give the literals of a list of values."""
    if not isinstance(value, list) or len(value) not in lengths:
        size = f"{lengths.start}" if len(lengths) == 1 else f"{lengths.start} to {lengths.stop - 1}"
        raise BadParameter(f"The filter of {column.name} needs a list of {size} values.", field="filters")
    return [literal(column, item) for item in value]


def literal(column: Column, value: object) -> str:
    """Give a value as ADQL writes it.

    Raises
    ------
    BadParameter
        It is no value of this column's type.
    """
    if column.datatype == "boolean":
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        raise BadParameter(f"{column.name} is compared with true or false.", field="filters")
    if column.datatype in TEXTS:
        return string_literal(column, value)
    return number_literal(column, value)


def string_literal(column: Column, value: object) -> str:
    """Give a string in quotes, quotes inside doubled (ADQL 2.1, section 2.1.4)."""
    if not isinstance(value, str) or len(value) > LONGEST_STRING or not value.isprintable():
        raise BadParameter(
            f"{column.name} is compared with text of at most {LONGEST_STRING} printable characters.", field="filters"
        )
    return "'" + value.replace("'", "''") + "'"


def number_literal(column: Column, value: object) -> str:
    """Give a finite number; text that spells one is accepted, as forms send it."""
    number = value
    if isinstance(value, str) and len(value) <= 40:
        number = parsed(value)
    if isinstance(number, bool) or not isinstance(number, int | float) or not is_finite(number):
        raise BadParameter(f"{column.name} is compared with a finite number, not {str(value)[:40]!r}.", field="filters")
    return repr(number)


def parsed(text: str) -> int | float | None:
    """Give the number that a text spells, None where it spells none."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None


def is_finite(number: int | float) -> bool:
    """Say whether a number is finite and no larger than a double holds."""
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False
