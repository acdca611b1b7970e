"""A filled form as ADQL that other services take: version 2.0, with its coordinate systems; pure."""

from __future__ import annotations

import re

from uraniborg_portal.adql.words import delimited
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.queries.conditions import comparison
from uraniborg_portal.queries.models import Composed, Form
from uraniborg_portal.remote.models import DescribedTable

REGULAR = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def compose(table: DescribedTable, form: Form) -> Composed:
    """Give the query of a form.

    Raises
    ------
    BadParameter
        Something in the form does not fit the table; `field` names it.
    """
    lines = [f"SELECT TOP {form.rows}", f"  {', '.join(selected(table, form))}", f"FROM {table_name(table.name)}"]
    conditions = [*cone(table, form)]
    for wanted in form.filters:
        column = column_of(table, wanted.column, "filters")
        conditions.append(f"{column_name(column.name)} {comparison(column, wanted)}")
    lines += [f"{'WHERE' if not index else '  AND'} {text}" for index, text in enumerate(conditions)]
    return Composed(adql="\n".join(lines), center=form.center)


def selected(table: DescribedTable, form: Form) -> list[str]:
    """Give the columns to select: those named, otherwise the principal ones, or all."""
    if form.columns is not None:
        if not form.columns:
            raise BadParameter("At least one column is needed.", field="columns")
        return [column_name(column_of(table, name, "columns").name) for name in dict.fromkeys(form.columns)]
    principal = [column_name(column.name) for column in table.columns if column.principal]
    return principal or ["*"]


def cone(table: DescribedTable, form: Form) -> list[str]:
    """Give the condition that a row lies in the cone (ADQL 2.0, section 2.4), none without a target."""
    if form.center is None or form.radius is None:
        if form.radius is not None:
            raise BadParameter("A radius needs a target: a name or coordinates.", field="target")
        return []
    if table.ra is None or table.dec is None:
        raise BadParameter(
            f"{table.name} says of no columns that they are its position (pos.eq.ra;meta.main, pos.eq.dec;meta.main).",
            "Search without a target, or write the query.",
            field="target",
        )
    circle = ", ".join(
        f"{number:.10f}".rstrip("0").rstrip(".") for number in (form.center.ra, form.center.dec, form.radius)
    )
    point = f"POINT('ICRS', {column_name(table.ra)}, {column_name(table.dec)})"
    return [f"1 = CONTAINS({point}, CIRCLE('ICRS', {circle}))"]


def column_of(table: DescribedTable, name: str, field: str) -> Column:
    """Give the table's column.

    Raises
    ------
    BadParameter
        It has none of this name.
    """
    for column in table.columns:
        if column.name == name:
            return column
    raise BadParameter(f"{table.name} has no column {name[:60]!r}.", field=field)


def column_name(name: str) -> str:
    """Give a column's name as a query has it; some services list names in their quotes (TAP 1.1, section 4.3)."""
    return name if quoted(name) else delimited(name)


def table_name(name: str) -> str:
    """Give a table's name as a query has it: its parts as they are where they are names, otherwise all in quotes."""
    parts = re.findall(r'"(?:[^"]|"")*"|[^."]+', name)
    if ".".join(parts) == name and all(quoted(part) or REGULAR.fullmatch(part) for part in parts):
        return ".".join(column_name(part) for part in parts)
    return '"' + name.replace('"', '""') + '"'


def quoted(name: str) -> bool:
    """Say whether a name is between double quotes, those inside doubled."""
    return re.fullmatch(r'"(?:[^"]|"")+"', name) is not None
