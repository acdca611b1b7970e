"""Runs a query and keeps its result."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from uraniborg_portal.engine.allowance import Allowance
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.queries import uploads
from uraniborg_portal.queries.describe import description
from uraniborg_portal.queries.models import Description, RunsQueries, StoredResult
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


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A query that somebody asks for."""

    adql: str
    rows: int
    """Rows given at most."""
    uploads: Mapping[str, str] = field(default_factory=dict)
    """Ids of kept tables that it reads, by their names."""


def run(
    engine: RunsQueries, store: ResultStore, asked: Asked, owner: str | None, allowance: Allowance | None = None
) -> StoredResult:
    """Run a query and keep its rows as they come; one without an allowance is interactive.

    Raises
    ------
    NotFound, QueryRefused, QueryStopped, TookTooLong, TooLarge, Unavailable
        As the engine and the store say; nothing is kept then.
    """
    start, rows, used = time.perf_counter(), asked.rows, uploads.used(store, asked.uploads)
    with engine.stream(asked.adql, rows, allowance, uploads.whole(store, asked.uploads)) as result:

        def described() -> Description:
            return replace(description(result, rows, time.perf_counter() - start), uploads=used)

        return store.save(result, described, owner)
