"""What a query gives: rows in Arrow with the columns' meaning beside them."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from uraniborg_portal.catalogs.models import Column


@dataclass(frozen=True, kw_only=True)
class Cone:
    """A circle on the sky, degrees, ICRS."""

    ra: float
    dec: float
    radius: float


@dataclass(frozen=True, kw_only=True)
class QueryResult:
    """The rows of one query.

    `table.column_names` equals the names of `columns`, in order; Arrow types match the columns' datatypes.
    """

    table: pa.Table
    columns: tuple[Column, ...]
    overflow: bool
    """True where more rows exist than the limit let through."""
    adql: str
    """The query as given."""
    epoch: float | None = None
    """Julian year of the positions in the result; None where there are none, or they have no epoch."""
    notes: tuple[str, ...] = ()
    """Sentences that a reader of the result should see (proper motions that matter, rows left out)."""
    cone: Cone | None = None
    """The cone that the query asked for; None where it asked for none, or for several."""
