"""Questions to a service's TAP_SCHEMA in words that ADQL 2.0 has, and what its answers mean; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from uraniborg_portal.catalogs.models import DATATYPES, Column
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.queries.describe import position_of
from uraniborg_portal.remote.models import DescribedTable, RemoteTable, Service

MOST_TABLES = 200
MOST_COLUMNS = 3000
LONGEST_WORD = 100
UCD1 = {"pos_eq_ra_main": "pos.eq.ra;meta.main", "pos_eq_dec_main": "pos.eq.dec;meta.main"}
"""Words of UCD1 that old services still use for the position."""
TYPES = {
    "smallint": "short", "integer": "int", "bigint": "long", "real": "float", "double precision": "double",
    "numeric": "double", "unsignedbyte": "short", "boolean": "boolean", "unicodechar": "unicodeChar",
}  # fmt: skip
"""Datatypes of TAP 1.0 (without `adql:`) and others; those that are not here are texts to a form."""
Row = Mapping[str, object]


def string(text: str) -> str:
    """Give a text as ADQL writes it.

    Raises
    ------
    BadParameter
        It is longer than a name, or has characters that no name has.
    """
    if len(text) > LONGEST_WORD * 4 or not text.isprintable():
        raise BadParameter("A name has at most 400 printable characters.")
    return "'" + text.replace("'", "''") + "'"


def tables_question(search: str) -> str:
    """Give the ADQL for the tables whose name or description has a word; all of them for no word.

    LOWER is optional in ADQL 2.0: the word is looked for as it is given, in lower case, capitals, and with one capital.
    """
    lines = [f"SELECT TOP {MOST_TABLES} table_name, description", "FROM TAP_SCHEMA.tables"]
    word = search.strip()
    if word:
        if len(word) > LONGEST_WORD:
            raise BadParameter(f"A search has at most {LONGEST_WORD} characters.", field="search")
        forms = dict.fromkeys((word, word.lower(), word.upper(), word.capitalize()))
        found = [f"{column} LIKE {string(f'%{each}%')}" for column in ("table_name", "description") for each in forms]
        lines.append(f"WHERE {' OR '.join(found)}")
    return "\n".join(lines)


def columns_question(table: str) -> str:
    """Give the ADQL for the columns of a table."""
    names = "column_name, datatype, unit, ucd, description, principal"
    lines = [f"SELECT TOP {MOST_COLUMNS} {names}", "FROM TAP_SCHEMA.columns", f"WHERE table_name = {string(table)}"]
    return "\n".join(lines)


def tables_of(rows: Iterable[Row], search: str) -> list[RemoteTable]:
    """Give the tables of an answer: those whose name has the word first, TAP_SCHEMA last."""
    word = search.strip().lower()
    found = [RemoteTable(name=text(row, "table_name"), description=text(row, "description")) for row in rows]
    return sorted((each for each in found if each.name), key=lambda each: rank(each.name.lower(), word))


def rank(name: str, word: str) -> tuple[bool, bool, str]:
    """Give where a table stands in a list: the service's words on itself last."""
    return name.startswith("tap_schema."), word not in name, name


def table_of(service: Service, name: str, rows: Iterable[Row]) -> DescribedTable:
    """Give a table of the rows that describe its columns."""
    columns = tuple(column_of(row) for row in rows if text(row, "column_name"))
    where = position_of(columns)
    return DescribedTable(
        service=service, name=name, columns=columns, ra=where.ra if where else None, dec=where.dec if where else None
    )


def column_of(row: Row) -> Column:
    """Give the column that a row describes."""
    kind = text(row, "datatype").lower().removeprefix("adql:").partition("(")[0].strip()
    datatype = kind if kind in DATATYPES else TYPES.get(kind, "char")
    ucd = text(row, "ucd")
    return Column(
        name=text(row, "column_name"),
        datatype=datatype,
        arraysize="*" if datatype in ("char", "unicodeChar") else None,
        unit=text(row, "unit") or None,
        ucd=UCD1.get(ucd.lower(), ucd) or None,
        description=text(row, "description"),
        principal=text(row, "principal") in ("1", "True"),
    )


def text(row: Row, name: str) -> str:
    """Give a value as text, in any case of its name; empty where there is none."""
    value = next((row[key] for key in row if key.lower() == name), None)
    return "" if value is None else str(value).strip()
