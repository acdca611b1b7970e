"""Kept tables that a query reads as `TAP_UPLOAD.name`: results of other queries, uploaded files, lists of targets."""

from __future__ import annotations

from collections.abc import Mapping

from uraniborg_portal.engine.arrow import schema
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.engine.upload import Upload
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.formats import parquet
from uraniborg_portal.queries.models import StoredResult, UsedTable
from uraniborg_portal.queries.store import ResultStore

LONGEST_TEXT = 2_000
"""Characters of a pasted list that the Python of a query repeats itself; of a longer one it names the kept list."""


def described(store: ResultStore, named: Mapping[str, str]) -> list[Upload]:
    """Give the tables without their rows, to check a query that names them; `named` are their ids by their names.

    Raises
    ------
    NotFound
        A table is not kept any more.
    """
    found = {name: store.get(identifier).description.columns for name, identifier in named.items()}
    return [Upload(name=name, columns=columns, rows=schema(columns).empty_table()) for name, columns in found.items()]


def whole(store: ResultStore, named: Mapping[str, str]) -> list[Upload]:
    """Give the tables with their rows.

    Raises
    ------
    NotFound
        A table is not kept any more.
    """
    return [
        Upload(name=name, columns=stored.description.columns, rows=store.table(stored.id))
        for name, stored in kept(store, named).items()
    ]


def used(store: ResultStore, named: Mapping[str, str]) -> tuple[UsedTable, ...]:
    """Give what a result remembers of the tables that its query read."""
    return tuple(
        UsedTable(name=name, id=stored.id, text=stored.description.text[: LONGEST_TEXT + 1])
        for name, stored in kept(store, named).items()
    )


def kept(store: ResultStore, named: Mapping[str, str]) -> dict[str, StoredResult]:
    """Give the kept tables by the names that a query has for them."""
    if len({name.lower() for name in named}) < len(named):
        raise BadParameter("Two tables have the same name.", "Give each a name of its own.", field="uploads")
    return {name: store.get(identifier) for name, identifier in named.items()}


def as_files(store: ResultStore, named: Mapping[str, str]) -> dict[str, bytes]:
    """Give the tables as files with their units and UCDs, by their names in small letters, for a query that waits."""
    return {upload.name.lower(): file_of(upload) for upload in whole(store, named)}


def file_of(upload: Upload) -> bytes:
    """Give a table as Parquet."""
    result = QueryResult(table=upload.rows, columns=upload.columns, overflow=False, adql="")
    return b"".join(parquet.write(result))
