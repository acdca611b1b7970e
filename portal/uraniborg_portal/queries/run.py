"""Runs a query and keeps its result."""

from __future__ import annotations

import time

from uraniborg_portal.errors import BadParameter
from uraniborg_portal.queries.describe import description
from uraniborg_portal.queries.models import RunsQueries, StoredResult
from uraniborg_portal.queries.store import ResultStore
from uraniborg_portal.settings import QueryLimits


def row_limit(rows: int | None, limits: QueryLimits) -> int:
    """Give the row limit of a query.

    Raises
    ------
    BadParameter
        More rows are wanted than one query gives.
    """
    if rows is None:
        return limits.default_rows
    if rows > limits.maximum_rows:
        raise BadParameter(f"{rows:,} rows are wanted; one query gives at most {limits.maximum_rows:,}.", field="rows")
    return rows


def run(engine: RunsQueries, store: ResultStore, adql: str, rows: int, owner: str | None) -> StoredResult:
    """Run a query and keep its rows as they come.

    Raises
    ------
    QueryRefused, TookTooLong, TooLarge, Unavailable
        As the engine and the store say; nothing is kept then.
    """
    start = time.perf_counter()
    with engine.stream(adql, rows) as result:
        return store.save(result, lambda: description(result, rows, time.perf_counter() - start), owner)
