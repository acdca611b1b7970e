"""The asynchronous queries of all replicas: who may change one, and how.

A job is PENDING until its owner runs it, then QUEUED until a replica with room claims it, then EXECUTING: its runner
alone may end it, as long as it renews its lease. Its owner may abort it at any time, and every replica may take up one
whose lease ran out. Each change is one compare-and-swap, so that of two replicas one succeeds and the other sees it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Engine

from uraniborg_portal import locks
from uraniborg_portal.database_clock import DatabaseTime
from uraniborg_portal.errors import TooMany
from uraniborg_portal.leases import Leases
from uraniborg_portal.settings import AsyncLimits
from uraniborg_portal.tap.jobs.models import ACTIVE, Outcome, Phase, TapJob
from uraniborg_portal.tap.jobs.store import job_of
from uraniborg_portal.tap.jobs.tables import TAP_JOBS
from uraniborg_portal.wakeups import announce

WORK = "tap work"
"""Topic: a query waits, or there is room."""

STOP = "tap stop"
"""Topic: a query that runs is not wanted any more."""

CANDIDATES = 10
"""Waiting queries that a replica tries at most to claim before it looks again."""

ANONYMOUS_TIMES = 10
"""How many users' worth of jobs is kept of nobody's together."""


def topic_of(job: str) -> str:
    """Give the topic of a job's news."""
    return f"tap job {job}"


class TapQueue:
    """Changes of jobs; each method is one short transaction (`claim` one for each try)."""

    def __init__(self, database: Engine, limits: AsyncLimits) -> None:
        self.database = database
        self.limits = limits
        self.leases = Leases(database, TAP_JOBS, TAP_JOBS.c.phase == "EXECUTING", limits.lease_seconds)

    def create(self, job: TapJob) -> None:
        """Write a new job.

        Raises
        ------
        TooMany
            Its owner has as many as are kept, or as many in the queue as may be.
        """
        with self.database.begin() as connection:
            locks.hold(connection, f"tap jobs of {job.owner or ''}")
            kept = self.limits.kept_per_user * (1 if job.owner else ANONYMOUS_TIMES)
            self._check(connection, job.owner, sa.true(), kept, "are kept", "Delete some of them first.")
            if job.phase == "QUEUED":
                self._check_room(connection, job.owner)
            connection.execute(TAP_JOBS.insert().values(**asdict(job)))
            announce(connection, WORK)

    def run(self, job: TapJob) -> TapJob | None:
        """Let a pending job wait for its turn; None where it is none.

        Raises
        ------
        TooMany
            Its owner has as many in the queue as may be.
        """
        with self.database.begin() as connection:
            locks.hold(connection, f"tap jobs of {job.owner or ''}")
            self._check_room(connection, job.owner)
            return changed(connection, job.id, [TAP_JOBS.c.phase == "PENDING"], {"phase": "QUEUED"}, WORK)

    def alter(self, job: str, values: dict[str, Any], phases: frozenset[str]) -> TapJob | None:
        """Change a job's description while it is in one of these phases; None where it isn't."""
        with self.database.begin() as connection:
            return changed(connection, job, [TAP_JOBS.c.phase.in_(phases)], values)

    def abort(self, job: str) -> TapJob | None:
        """Abort a job, wherever it runs; None where it has ended."""
        return self._change(job, [TAP_JOBS.c.phase.in_(ACTIVE)], ended_by("ABORTED"), STOP)

    def remove(self, jobs: list[str]) -> None:
        """Remove jobs, wherever they run."""
        with self.database.begin() as connection:
            connection.execute(TAP_JOBS.delete().where(TAP_JOBS.c.id.in_(jobs)))
            for job in jobs:
                announce(connection, topic_of(job))
            announce(connection, STOP)

    def claim(self, runner: str) -> TapJob | None:
        """Give this runner the job whose turn it is, None where none waits.

        Whose owner has the fewest running goes first, then what was queued longest.
        """
        values = {"phase": "EXECUTING", "started": DatabaseTime(), **self.leases.begun(runner)}
        for identifier in self._waiting():
            job = self._change(identifier, [TAP_JOBS.c.phase == "QUEUED"], values, WORK)
            if job:
                return job
        return None

    def progress(self, job: TapJob, done: int, steps: int) -> None:
        """Write how far a runner's job is; nothing where it is no longer its own."""
        with self.database.begin() as connection:
            changed(connection, job.id, self.leases.held(job), {"steps_done": done, "steps": steps})

    def end(self, job: TapJob, outcome: Outcome) -> TapJob | None:
        """End a runner's job, or let it wait again; None where it is no longer its own."""
        return self._change(job.id, self.leases.held(job), values_of(outcome), WORK)

    def abandoned(self) -> list[TapJob]:
        """Give the jobs whose runner let the lease run out."""
        with self.database.connect() as connection:
            rows = connection.execute(TAP_JOBS.select().where(self.leases.lapsed())).mappings()
            return [job_of(row) for row in rows]

    def take_over(self, job: TapJob) -> TapJob | None:
        """Let an abandoned job wait again, or fail it if that happened too often; None where somebody was faster."""
        guard = [*self.leases.held(job), self.leases.lapsed()]
        outcome = after_loss(job, "The portal's replica that ran this query", self.limits)
        return self._change(job.id, guard, values_of(outcome), WORK)

    def _waiting(self) -> list[str]:
        other = TAP_JOBS.alias()
        same = other.c.owner.is_not_distinct_from(TAP_JOBS.c.owner)
        running = sa.select(sa.func.count()).where(same, other.c.phase == "EXECUTING").scalar_subquery()
        wanted = sa.select(TAP_JOBS.c.id).where(TAP_JOBS.c.phase == "QUEUED")
        with self.database.connect() as connection:
            return list(connection.scalars(wanted.order_by(running, TAP_JOBS.c.created).limit(CANDIDATES)))

    def _change(self, job: str, guard: list[ColumnElement[bool]], values: dict[str, Any], topic: str) -> TapJob | None:
        with self.database.begin() as connection:
            return changed(connection, job, guard, values, topic)

    def _check_room(self, connection: Connection, owner: str | None) -> None:
        active = TAP_JOBS.c.phase.in_(("QUEUED", "EXECUTING"))
        remedy = "Wait for one to end, or abort one."
        self._check(connection, owner, active, self.limits.per_user, "wait or run", remedy)

    def _check(
        self, connection: Connection, owner: str | None, which: ColumnElement[bool], limit: int, words: str, remedy: str
    ) -> None:
        mine = TAP_JOBS.c.owner.is_not_distinct_from(owner)
        count = connection.scalar(sa.select(sa.func.count()).select_from(TAP_JOBS).where(mine, which)) or 0
        if count >= limit:
            whose = "You have" if owner else "Nobody's queries together are"
            raise TooMany(f"{whose} {count:,} asynchronous queries that {words}; accepted: {limit:,}.", remedy)


def changed(
    connection: Connection, job: str, guard: list[ColumnElement[bool]], values: dict[str, Any], topic: str = ""
) -> TapJob | None:
    """Change a job's row if the guard holds, and tell everybody; None where it doesn't."""
    change = TAP_JOBS.update().where(TAP_JOBS.c.id == job, *guard).values(**values)
    row = connection.execute(change.returning(*TAP_JOBS.columns)).mappings().one_or_none()
    if row is None:
        return None
    announce(connection, topic_of(job))
    if topic:
        announce(connection, topic)
    return job_of(row)


def after_loss(job: TapJob, what: str, limits: AsyncLimits) -> Outcome:
    """Give what becomes of a job of which something was lost: it waits again, or has failed once too often; pure."""
    if job.lost < limits.taken_up:
        return Outcome(phase="QUEUED", lost=True)
    return Outcome(
        phase="ERROR",
        message=f"{what} was lost {job.lost + 1} times.",
        remedy="Run it again; if that happens again, ask for less.",
        lost=True,
    )


def ended_by(phase: Phase) -> dict[str, Any]:
    """Give the columns of a job that has ended."""
    return {"phase": phase, "ended": DatabaseTime(), "runner": None, "lease": None}


def values_of(outcome: Outcome) -> dict[str, Any]:
    """Give the columns of a job with this outcome."""
    values: dict[str, Any] = {"message": outcome.message, "remedy": outcome.remedy}
    if outcome.phase == "QUEUED":
        values |= {"phase": "QUEUED", "started": None, "runner": None, "lease": None, "steps_done": 0, "steps": 0}
    else:
        values |= ended_by(outcome.phase)
    if outcome.lost:
        values["lost"] = TAP_JOBS.c.lost + 1
    return values | (asdict(outcome.kept) if outcome.kept else {})
