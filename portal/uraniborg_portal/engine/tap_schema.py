"""TAP_SCHEMA (TAP 1.1, section 4): the tables that describe all tables: installed catalogs, and what users keep."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from uraniborg_portal.adql.models import Table
from uraniborg_portal.adql.words import delimited
from uraniborg_portal.catalogs.models import Catalog, Column, Director
from uraniborg_portal.engine.kept import KeptTable

SCHEMA = "TAP_SCHEMA"
CATALOGS = "catalogs"
"""The schema that the installed catalogs belong to."""
STANDARDS = "tables of standards of the Virtual Observatory"
"""What is said of their schema."""

_TEXT = {"datatype": "char", "arraysize": "*"}
_WHOLE = {"datatype": "int"}


def _columns(**described: tuple[dict[str, str], str]) -> tuple[Column, ...]:
    return tuple(
        Column(name=name, datatype=kind["datatype"], arraysize=kind.get("arraysize"), description=text, principal=True)
        for name, (kind, text) in described.items()
    )


DESCRIPTIONS = {
    "schemas": "schemas in this service",
    "tables": "tables in this service",
    "columns": "columns in this service",
    "keys": "foreign keys between tables",
    "key_columns": "pairs of columns of foreign keys",
}
COLUMNS = {
    "schemas": _columns(
        schema_name=(_TEXT, "name of the schema"),
        utype=(_TEXT, "data model role"),
        description=(_TEXT, "description of the schema"),
        schema_index=(_WHOLE, "recommended order of schemas"),
    ),
    "tables": _columns(
        schema_name=(_TEXT, "schema of the table"),
        table_name=(_TEXT, "name of the table, as in queries"),
        table_type=(_TEXT, "table or view"),
        utype=(_TEXT, "data model role"),
        description=(_TEXT, "description of the table"),
        table_index=(_WHOLE, "recommended order of tables"),
    ),
    "columns": _columns(
        table_name=(_TEXT, "table of the column"),
        column_name=(_TEXT, "name of the column, as in queries"),
        datatype=(_TEXT, "VOTable datatype"),
        arraysize=(_TEXT, "VOTable arraysize"),
        xtype=(_TEXT, "VOTable xtype"),
        size=(_WHOLE, "length of arrays of fixed length (deprecated)"),
        description=(_TEXT, "description of the column"),
        utype=(_TEXT, "data model role"),
        unit=(_TEXT, "unit, VOUnits"),
        ucd=(_TEXT, "UCD1+"),
        indexed=(_WHOLE, "1 where the column is searched fast"),
        principal=(_WHOLE, "1 where the column is shown by default"),
        std=(_WHOLE, "1 where a standard defines the column"),
        column_index=(_WHOLE, "recommended order of columns"),
    ),
    "keys": _columns(
        key_id=(_TEXT, "identifier of the key"),
        from_table=(_TEXT, "table that refers"),
        target_table=(_TEXT, "table that is referred to"),
        description=(_TEXT, "description of the key"),
        utype=(_TEXT, "data model role"),
    ),
    "key_columns": _columns(
        key_id=(_TEXT, "identifier of the key"),
        from_column=(_TEXT, "column that refers"),
        target_column=(_TEXT, "column that is referred to"),
    ),
}
KEYS = (
    ("tables_schemas", "tables", "schemas", "schema_name"),
    ("columns_tables", "columns", "tables", "table_name"),
    ("keys_from_tables", "keys", "tables", "from_table", "table_name"),
    ("keys_target_tables", "keys", "tables", "target_table", "table_name"),
    ("key_columns_keys", "key_columns", "keys", "key_id"),
)
"""Foreign keys among the tables: identifier, from, target, column, and the target's column if it has another name."""


def name_of(table: str) -> str:
    """Give the name of a table of TAP_SCHEMA, as in queries."""
    return f"{SCHEMA}.{table}"


def tables() -> tuple[Table, ...]:
    """Give the tables of TAP_SCHEMA as queries know them."""
    return tuple(
        Table(name=name_of(name), columns=columns, description=DESCRIPTIONS[name]) for name, columns in COLUMNS.items()
    )


def rows(
    catalogs: Sequence[Catalog], kept: Sequence[KeptTable] = (), made: Sequence[Table] = ()
) -> dict[str, pa.Table]:
    """Give the rows of each table of TAP_SCHEMA.

    `kept` are tables of users, `made` other tables that the service makes, of standards.
    """
    content = {
        "schemas": schema_rows(kept, made),
        "tables": table_rows(catalogs, kept, made),
        "columns": column_rows(catalogs, kept, made),
        "keys": key_rows(catalogs),
        "key_columns": key_column_rows(catalogs),
    }
    return {name: pa.Table.from_pylist(content[name], schema=schema_of(COLUMNS[name])) for name in COLUMNS}


def schema_rows(kept: Sequence[KeptTable], made: Sequence[Table]) -> list[dict[str, object]]:
    """Give the rows of TAP_SCHEMA.schemas."""
    named = {CATALOGS: "the installed catalogs", **{table.table.schema: table.about for table in kept}}
    named |= {table.name.partition(".")[0]: STANDARDS for table in made}
    return [
        {"schema_name": name, "description": text, "schema_index": index}
        for index, (name, text) in enumerate((named | {SCHEMA: "what there is to query"}).items())
    ]


def schema_of(columns: Sequence[Column]) -> pa.Schema:
    """Give the Arrow schema of a table of TAP_SCHEMA."""
    return pa.schema([(c.name, pa.string() if c.datatype == "char" else pa.int32()) for c in columns])


def belonging(catalogs: Sequence[Catalog]) -> list[tuple[Catalog, Director]]:
    """Give the catalogs whose rows belong to those of another one of these, and to which."""
    names = {catalog.name for catalog in catalogs}
    return [(each, each.of) for each in catalogs if each.of and each.of.catalog in names]


def key_rows(catalogs: Sequence[Catalog]) -> list[dict[str, object]]:
    """Give the rows of TAP_SCHEMA.keys."""
    found: list[dict[str, object]] = [
        {
            "key_id": f"{each.name}_{of.catalog}", "from_table": each.name, "target_table": of.catalog,
            "description": f"each row of {each.name} belongs to one of {of.catalog}",
        }
        for each, of in belonging(catalogs)
    ]  # fmt: skip
    found += [{"key_id": key[0], "from_table": name_of(key[1]), "target_table": name_of(key[2])} for key in KEYS]
    return found


def key_column_rows(catalogs: Sequence[Catalog]) -> list[dict[str, object]]:
    """Give the rows of TAP_SCHEMA.key_columns."""
    found: list[dict[str, object]] = [
        {
            "key_id": f"{each.name}_{of.catalog}", "from_column": delimited(of.column),
            "target_column": delimited(of.identifier),
        }
        for each, of in belonging(catalogs)
    ]  # fmt: skip
    found += [{"key_id": key[0], "from_column": key[3], "target_column": key[-1]} for key in KEYS]
    return found


def table_rows(
    catalogs: Sequence[Catalog], kept: Sequence[KeptTable], made: Sequence[Table]
) -> list[dict[str, object]]:
    """Give the rows of TAP_SCHEMA.tables."""
    found: list[dict[str, object]] = [
        {"schema_name": CATALOGS, "table_name": each.name, "description": each.description or each.title}
        for each in catalogs
    ]
    found += [
        {"schema_name": each.table.schema, "table_name": each.table.written, "description": each.description}
        for each in kept
    ]
    for table, kind in (*((each, "view") for each in made), *((each, "table") for each in tables())):
        said = {"table_name": table.name, "table_type": kind, "description": table.description, "utype": table.utype}
        found.append({"schema_name": table.name.partition(".")[0], **said})
    return [{"table_type": "table", **row, "table_index": index} for index, row in enumerate(found)]


def column_rows(
    catalogs: Sequence[Catalog], kept: Sequence[KeptTable], made: Sequence[Table]
) -> list[dict[str, object]]:
    """Give the rows of TAP_SCHEMA.columns."""
    found = []
    for catalog in catalogs:
        fast = {catalog.position.ra, catalog.position.dec}
        found += [column_row(catalog.name, i, c, c.name in fast, False) for i, c in enumerate(catalog.columns)]
    for each in kept:
        written = each.table.written
        found += [column_row(written, i, c, c.name in each.fast, False) for i, c in enumerate(each.columns)]
    for table in (*made, *tables()):
        found += [column_row(table.name, index, column, False, True) for index, column in enumerate(table.columns)]
    return found


def column_row(table: str, index: int, column: Column, indexed: bool, standard: bool) -> dict[str, object]:
    """Give the row of one column."""
    return {
        "table_name": table,
        "column_name": delimited(column.name),
        "datatype": column.datatype,
        "arraysize": column.arraysize,
        "xtype": column.xtype,
        "description": column.description or None,
        "utype": column.utype,
        "unit": column.unit,
        "ucd": column.ucd,
        "indexed": int(indexed),
        "principal": int(column.principal),
        "std": int(standard),
        "column_index": index,
    }
