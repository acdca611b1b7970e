"""Reads rows of asynchronous queries."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Engine, RowMapping

from uraniborg_portal.errors import NotFound
from uraniborg_portal.tap.jobs.models import TapJob
from uraniborg_portal.tap.jobs.tables import TAP_JOBS

LISTED = 1_000
"""Jobs that a list shows at most, the newest."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which jobs a list is to show (UWS 1.1, section 2.2.2.1)."""

    phases: tuple[str, ...] = ()
    """Any of these; all of them where none is named."""
    after: float | None = None
    """Made later than this, Unix seconds."""
    last: int | None = None
    """So many at most, the newest."""


def job_of(row: RowMapping) -> TapJob:
    """Give the job of a row."""
    values = {column.name: row[column] for column in TAP_JOBS.columns if column.name != "lease"}
    return TapJob(**{**values, "parameters": tuple((name, value) for name, value in values["parameters"])})


class TapJobStore:
    """Jobs in the portal's database, as they stand now."""

    def __init__(self, database: Engine) -> None:
        self.database = database

    def get(self, identifier: str) -> TapJob:
        """Give a job.

        Raises
        ------
        NotFound
            There is none.
        """
        with self.database.connect() as connection:
            row = connection.execute(TAP_JOBS.select().where(TAP_JOBS.c.id == identifier)).mappings().one_or_none()
        if row is None:
            raise NotFound(
                f"There is no asynchronous query {identifier[:40]!r}; they are kept for days only.", "Make it again."
            )
        return job_of(row)

    def of_owner(self, owner: str, wanted: Wanted) -> list[TapJob]:
        """List a user's jobs, the oldest first."""
        query = TAP_JOBS.select().where(TAP_JOBS.c.owner == owner)
        if wanted.phases:
            query = query.where(TAP_JOBS.c.phase.in_(wanted.phases))
        if wanted.after is not None:
            query = query.where(TAP_JOBS.c.created > wanted.after)
        newest = query.order_by(TAP_JOBS.c.created.desc(), TAP_JOBS.c.id)
        limit = LISTED if wanted.last is None else min(wanted.last, LISTED)
        with self.database.connect() as connection:
            return [job_of(row) for row in connection.execute(newest.limit(limit)).mappings()][::-1]

    def bytes_of(self, owner: str | None) -> int:
        """Give the size of all results and uploaded tables of an owner, of nobody's together."""
        mine = TAP_JOBS.c.owner.is_not_distinct_from(owner)
        with self.database.connect() as connection:
            return connection.scalar(sa.select(sa.func.sum(TAP_JOBS.c.bytes + TAP_JOBS.c.uploaded)).where(mine)) or 0

    def expired(self, now: float) -> list[str]:
        """Give the jobs whose destruction is due."""
        with self.database.connect() as connection:
            return list(connection.scalars(sa.select(TAP_JOBS.c.id).where(TAP_JOBS.c.destruction <= now)))

    def known(self) -> set[str]:
        """Give the identifiers of all jobs."""
        with self.database.connect() as connection:
            return set(connection.scalars(sa.select(TAP_JOBS.c.id)))
