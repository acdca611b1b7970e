"""Leases: who of several replicas works on a row, as long as it says so.

A row belongs to its `runner` until `lease` (database time), which the runner renews; whoever finds the lease run out
may take the row up. `attempt` counts how often it was begun, so that a runner that lost it can't take it for its own.
"""

from __future__ import annotations

from typing import Protocol

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Engine

from uraniborg_portal.database_clock import DatabaseTime


class Held(Protocol):
    """A row as its runner knows it."""

    @property
    def id(self) -> str:
        """Its identifier."""

    @property
    def runner(self) -> str | None:
        """The replica that works on it."""

    @property
    def attempt(self) -> int:
        """How often it was begun."""


def columns() -> tuple[sa.Column[object], ...]:
    """Give the columns that a table of leased rows has besides its own."""
    return (
        sa.Column("runner", sa.String(32), nullable=True),
        sa.Column("lease", sa.Double, nullable=True),
        sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
        sa.Column("lost", sa.Integer, nullable=False, server_default="0"),
    )


class Leases:
    """The leases of a table's rows of which `running` holds; each method is one short transaction."""

    def __init__(self, database: Engine, table: sa.Table, running: ColumnElement[bool], seconds: float) -> None:
        self.database = database
        self.table = table
        self.running = running
        self.seconds = seconds

    def until(self) -> ColumnElement[float]:
        """Give the end of a lease that begins now."""
        return DatabaseTime() + self.seconds

    def begun(self, runner: str) -> dict[str, object]:
        """Give what a claim writes."""
        return {"runner": runner, "lease": self.until(), "attempt": self.table.c.attempt + 1}

    def held(self, row: Held) -> list[ColumnElement[bool]]:
        """Give the condition that the row is still in the hands that this one is in."""
        return [self.running, self.table.c.runner == row.runner, self.table.c.attempt == row.attempt]

    def lapsed(self) -> ColumnElement[bool]:
        """Give the condition that the runner let the lease run out."""
        return sa.and_(self.running, self.table.c.lease < DatabaseTime())

    def renew(self, runner: str) -> set[tuple[str, int]]:
        """Renew a runner's leases; gives the rows, with their attempts, that are still its own."""
        mine = self.table.update().where(self.table.c.runner == runner, self.running).values(lease=self.until())
        with self.database.begin() as connection:
            rows = connection.execute(mine.returning(self.table.c.id, self.table.c.attempt))
            return {(row.id, row.attempt) for row in rows}
