"""What a query gives: rows in Arrow with the columns' meaning beside them, whole or as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from uraniborg_portal.adql.models import RegionTest, Table
from uraniborg_portal.catalogs.models import Column

BATCH_ROWS = 65_536
"""Rows of a batch at most, where a table is cut into some."""


@dataclass(frozen=True, kw_only=True)
class Cone:
    """A circle on the sky, degrees, ICRS."""

    ra: float
    dec: float
    radius: float


@dataclass(frozen=True, kw_only=True)
class ServiceTable:
    """A table that the service makes of what it holds, for one caller, when a query reads it."""

    table: Table
    """Its name has a schema."""
    rows: Callable[[Sequence[RegionTest]], pa.Table]
    """Gives its rows, of the columns' types, and what is asked of their regions."""


class Rows(Protocol):
    """The rows of one query, whole or as they come: what formats write."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """What the columns are, in their order."""

    @property
    def adql(self) -> str:
        """The query as given."""

    @property
    def epoch(self) -> float | None:
        """Julian year of the positions; None where there are none, or they have no epoch."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that a reader of the result should see."""

    @property
    def cone(self) -> Cone | None:
        """The cone that the query asked for; None where it asked for none, or for several."""

    @property
    def rows(self) -> int | None:
        """How many there are; None as long as nobody knows."""

    @property
    def overflow(self) -> bool:
        """True where more rows exist than the limit let through; known once `batches` has ended."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give the rows with the columns' names, batch by batch; those that come can be taken once.

        Raises
        ------
        PortalError
            The rows could not be had to their end.
        """

    def repeatable(self) -> AbstractContextManager[Rows]:
        """Give the same rows so that they can be taken more than once; those that come wait on the disk for it.

        Raises
        ------
        PortalError
            The rows could not be had to their end.
        """

    def close(self) -> None:
        """Give up the rows that were not taken, and what they would come from."""


@dataclass(frozen=True, kw_only=True)
class QueryResult:
    """The rows of one query, whole.

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

    @property
    def rows(self) -> int:
        """How many there are."""
        return int(self.table.num_rows)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give the rows batch by batch, as often as they are asked for."""
        return iter(self.table.to_batches(max_chunksize=BATCH_ROWS))

    def repeatable(self) -> AbstractContextManager[Rows]:
        """Give itself."""
        return nullcontext(self)

    def close(self) -> None:
        """Do nothing: a table holds nothing but memory."""
