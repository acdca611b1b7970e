"""A table that came with a query: `TAP_UPLOAD.name` (TAP 1.1, section 2.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from uraniborg_portal.adql.models import Table
from uraniborg_portal.catalogs import statistics
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.catalogs.statistics import Note
from uraniborg_portal.engine.arrow import without_nan

SCHEMA = "TAP_UPLOAD"
WORDS = {"unit": 100, "ucd": 100, "xtype": 50, "description": 1_000}
"""What is taken of a file's words on a column, characters."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """Rows that one query may read."""

    name: str
    """Behind `TAP_UPLOAD.`, as the client gave it."""
    columns: tuple[Column, ...]
    rows: pa.Table
    left_out: tuple[str, ...] = ()
    """Columns of the file that no query can read: arrays and structures."""

    @property
    def table(self) -> Table:
        """The table as queries know it."""
        return Table(name=f"{SCHEMA}.{self.name}", columns=self.columns)


def upload_of(name: str, rows: pa.Table, said: Mapping[str, object]) -> Upload:
    """Give the table of rows that a worker read, with what it says of them, which may be anything."""
    left_out = said.get("left_out")
    names = [str(each)[:100] for each in left_out] if isinstance(left_out, list) else []
    table = rows_without_nan(rows)
    columns = statistics.columns(table, notes_of(said, table.column_names))
    return Upload(name=name, columns=columns, rows=table, left_out=tuple(names))


def rows_without_nan(rows: pa.Table) -> pa.Table:
    """Give the rows with NULL in place of NaN, as catalogs have it."""
    return pa.table([without_nan(column) for column in rows.columns], schema=rows.schema)


def notes_of(said: Mapping[str, object], names: Iterable[str]) -> dict[str, Note]:
    """Give what is said of columns, as far as it is text."""
    notes = said.get("notes")
    found: dict[str, Note] = {}
    if not isinstance(notes, dict):
        return found
    for name in names:
        told = notes.get(name)
        if isinstance(told, dict):
            words = {key: told[key][:most] for key, most in WORDS.items() if isinstance(told.get(key), str)}
            found[name] = Note(**{key: value for key, value in words.items() if value})
    return found
