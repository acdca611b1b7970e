"""VOSI 1.1: /tables and /availability."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from uraniborg_portal.adql.models import Table
from uraniborg_portal.adql.scope import advice
from uraniborg_portal.adql.words import delimited
from uraniborg_portal.catalogs.models import Catalog, Column, Director
from uraniborg_portal.engine import tap_schema
from uraniborg_portal.engine.kept import KeptTable
from uraniborg_portal.errors import BadParameter, NotFound
from uraniborg_portal.obscore import columns as obscore
from uraniborg_portal.tap.xml import add, document, root


def availability(up_since: str) -> bytes:
    """Give the document that says that the service is up."""
    top = root("avail:availability")
    add(top, "avail:available", "true")
    add(top, "avail:upSince", up_since)
    return document(top)


def tableset(catalogs: Sequence[Catalog], detail: str, kept: Sequence[KeptTable] = ()) -> bytes:
    """Give all tables; `detail` is `min` (without columns) or `max`; `kept` are tables of users.

    Raises
    ------
    BadParameter
        `detail` is something else.
    """
    if detail.lower() not in ("min", "max"):
        raise BadParameter(f"detail={detail[:40]!r} is not accepted.", "Accepted: min, max.", field="detail")
    top = root("vtm:tableset", "vs")
    fill_tableset(top, catalogs, kept, columns=detail.lower() == "max")
    return document(top)


def fill_tableset(
    top: ET.Element, catalogs: Sequence[Catalog], kept: Sequence[KeptTable] = (), *, columns: bool
) -> None:
    """Describe all tables in their element."""
    fill_catalogs(top, catalogs, columns=columns)
    for name in sorted({table.table.schema for table in kept}):
        tables = [table for table in kept if table.table.schema == name]
        fill_kept_schema(add(top, "schema"), name, tables, columns)
    standards = add(top, "schema")
    add(standards, "name", obscore.NAME.partition(".")[0])
    add(standards, "description", tap_schema.STANDARDS)
    fill_table(add(standards, "table", type="view"), obscore.TABLE, columns)
    own = add(top, "schema")
    add(own, "name", tap_schema.SCHEMA)
    add(own, "description", "what there is to query")
    for table in tap_schema.tables():
        fill_described(add(own, "table", type="base_table"), table, columns)


def fill_catalogs(top: ET.Element, catalogs: Sequence[Catalog], *, columns: bool) -> None:
    """Describe the schema of the catalogs in the element of a set of tables."""
    installed = add(top, "schema")
    add(installed, "name", tap_schema.CATALOGS)
    add(installed, "description", "the installed catalogs")
    of = {catalog.name: director for catalog, director in tap_schema.belonging(catalogs)}
    for catalog in catalogs:
        fill_catalog(add(installed, "table", type="base_table"), catalog, of.get(catalog.name), columns=columns)


def one_table(catalogs: Sequence[Catalog], name: str, kept: Sequence[KeptTable] = ()) -> bytes:
    """Give one table with its columns.

    Raises
    ------
    NotFound
        No table has this name.
    """
    top = root("vtm:table", "vs")
    top.set("type", "base_table")
    for catalog in catalogs:
        if catalog.name.lower() == name.lower():
            of = {each.name: director for each, director in tap_schema.belonging(catalogs)}
            fill_catalog(top, catalog, of.get(catalog.name), columns=True)
            return document(top)
    for table in kept:
        if name.lower() in (table.name.lower(), table.table.written.lower()):
            fill_kept(top, table, columns=True)
            return document(top)
    if name.lower() == obscore.NAME:
        top.set("type", "view")
        fill_table(top, obscore.TABLE, columns=True)
        return document(top)
    for own in tap_schema.tables():
        if own.name.lower() == name.lower():
            fill_described(top, own, columns=True)
            return document(top)
    known = [*(each.name for each in catalogs), *(each.name for each in kept), obscore.NAME]
    known += [each.name for each in tap_schema.tables()]
    raise NotFound(f"No table is called {name[:80]!r}.", advice(name, known))


def fill_catalog(element: ET.Element, catalog: Catalog, of: Director | None, *, columns: bool) -> None:
    """Describe a catalog in its element; `of` is the one to whose rows its own belong, if a reader may see that one."""
    add(element, "name", catalog.name)
    add(element, "title", catalog.title)
    add(element, "description", catalog.description or catalog.title)
    add(element, "nrows", catalog.rows)
    fast = {catalog.position.ra, catalog.position.dec}
    for column in catalog.columns if columns else ():
        fill_column(element, column, ["indexed"] if column.name in fast else [])
    if of and columns:
        fill_key(element, of.catalog, delimited(of.column), delimited(of.identifier))


def fill_key(element: ET.Element, table: str, column: str, target: str) -> None:
    """Describe a foreign key in the element of the table that refers."""
    foreign = add(element, "foreignKey")
    add(foreign, "targetTable", table)
    pair = add(foreign, "fkColumn")
    add(pair, "fromColumn", column)
    add(pair, "targetColumn", target)


def fill_kept_schema(element: ET.Element, name: str, kept: Sequence[KeptTable], columns: bool) -> None:
    """Describe the tables of one user in the element of their schema."""
    add(element, "name", name)
    add(element, "description", kept[0].about)
    for table in kept:
        fill_kept(add(element, "table", type="base_table"), table, columns)


def fill_kept(element: ET.Element, kept: KeptTable, columns: bool) -> None:
    """Describe a user's table in its element."""
    add(element, "name", kept.table.written)
    add(element, "description", kept.description)
    add(element, "nrows", kept.rows)
    for column in kept.columns if columns else ():
        fill_column(element, column, ["indexed"] if column.name in kept.fast else [])


def fill_table(element: ET.Element, table: Table, columns: bool) -> None:
    """Describe a table that a standard defines in its element."""
    add(element, "name", table.name)
    add(element, "description", table.description)
    if table.utype:
        add(element, "utype", table.utype)
    for column in table.columns if columns else ():
        fill_column(element, column, [], standard=True)


def fill_described(element: ET.Element, table: Table, columns: bool) -> None:
    """Describe a table of TAP_SCHEMA in its element."""
    fill_table(element, table, columns)
    short = table.name.partition(".")[2]
    for key in tap_schema.KEYS if columns else ():
        if key[1] == short:
            fill_key(element, tap_schema.name_of(key[2]), key[3], key[-1])


def fill_column(element: ET.Element, column: Column, flags: list[str], standard: bool = False) -> None:
    """Describe a column in its table's element."""
    found = add(element, "column", std="true") if standard else add(element, "column")
    add(found, "name", delimited(column.name))
    said = {"description": column.description, "unit": column.unit, "ucd": column.ucd, "utype": column.utype}
    for name, text in said.items():
        if text:
            add(found, name, text)
    size = {"arraysize": column.arraysize} if column.arraysize else {}
    add(found, "dataType", column.datatype, xsi_type="vs:VOTableType", **size)
    for flag in [*flags, *(["principal"] if column.principal else [])]:
        add(found, "flag", flag)
