"""The jobs of all replicas: who may change one, and how.

A job is `queued` until a replica with room claims it; then it is `running`, and its runner alone may change it, as long
as it renews its lease. Everybody may cancel a job of his, and may take up one whose lease ran out. Each change is a
compare-and-swap with its event in the same transaction, so that of two replicas one succeeds and the other sees it.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Engine
from sqlalchemy.exc import IntegrityError

from uraniborg_portal import locks
from uraniborg_portal.database_clock import DatabaseTime
from uraniborg_portal.errors import TooMany
from uraniborg_portal.instruments.job_models import FINAL, Job, Outcome, Said, StoredProduct
from uraniborg_portal.instruments.store import job_of
from uraniborg_portal.instruments.tables import EVENTS, JOBS, PRODUCTS
from uraniborg_portal.leases import Leases
from uraniborg_portal.settings import JobLimits
from uraniborg_portal.wakeups import announce

WORK = "work"
"""Topic: a job waits, or a slot is free."""

STOP = "stop"
"""Topic: a running job was cancelled."""

CANDIDATES = 10
"""Waiting jobs that a replica tries at most to claim before it looks again."""

AGAIN = "Run it again."

OPEN = JOBS.c.state.not_in(FINAL)


def topic_of(job: str) -> str:
    """Give the topic of what a job says."""
    return f"job {job}"


class JobQueue:
    """Changes of jobs; each method is one short transaction (`claim` one for each try)."""

    def __init__(self, database: Engine, limits: JobLimits) -> None:
        self.database = database
        self.limits = limits
        self.leases = Leases(database, JOBS, JOBS.c.state == "running", limits.lease_seconds)

    def submit(self, job: Job) -> Job:
        """Write a new job, or give the same one if its owner has it waiting or running.

        Raises
        ------
        TooMany
            The owner has as many jobs as the limit allows; one that is done already is written all the same.
        """
        with self.database.begin() as connection:
            locks.hold(connection, f"jobs of {job.owner}")
            mine = JOBS.select().where(JOBS.c.owner == job.owner, OPEN)
            others = [job_of(row) for row in connection.execute(mine).mappings()]
            for other in others:
                if other.key == job.key:
                    return other
            if job.state not in FINAL:
                check_limit(len(others), self.limits.per_user)
            written = replace(job, events=1)
            connection.execute(JOBS.insert().values(**asdict(written)))
            connection.execute(EVENTS.insert().values(job=job.id, number=1, batch=[("state", job.state_event())]))
            announce(connection, WORK)
        return written

    def claim(self, runner: str) -> Job | None:
        """Give this runner the job whose turn it is, None where none waits.

        Who has the fewest running goes first, then who waits longest; what another job makes already waits for it.
        """
        for identifier in self.waiting():
            values = self.leases.begun(runner)
            try:
                job = self.change(identifier, [JOBS.c.state == "queued"], Outcome(state="running"), values=values)
            except IntegrityError:
                continue
            if job:
                return job
        return None

    def waiting(self) -> list[str]:
        """Give the jobs that may be claimed, in their order."""
        other = JOBS.alias()
        is_made = sa.exists().where(other.c.key == JOBS.c.key, other.c.state == "running")
        running = sa.select(sa.func.count()).where(other.c.owner == JOBS.c.owner, other.c.state == "running")
        wanted = (
            sa.select(JOBS.c.id)
            .where(JOBS.c.state == "queued", ~is_made)
            .order_by(running.scalar_subquery(), JOBS.c.created)
            .limit(CANDIDATES)
        )
        with self.database.connect() as connection:
            return list(connection.scalars(wanted))

    def say(self, job: Job, said: list[Said]) -> bool:
        """Write what a runner's job says; False where the job is no longer its own."""
        with self.database.begin() as connection:
            return write(connection, job.id, self.leases.held(job), {}, said) is not None

    def end(self, job: Job, outcome: Outcome, said: list[Said]) -> Job | None:
        """End a runner's job, or let it wait again; None where it is no longer its own.

        A new product is written with it, unless there is one of its key: then the job has that.
        """
        with self.database.begin() as connection:
            product = outcome.product
            known = product and connection.scalar(sa.select(PRODUCTS.c.id).where(PRODUCTS.c.key == product.key))
            values = values_of(outcome, known or (product.id if product else None))
            ended = write(connection, job.id, self.leases.held(job), values, [*said, ("state", shown(values))])
            if ended and product and not known:
                connection.execute(PRODUCTS.insert().values(**asdict(product)))
            announce(connection, WORK)
        return ended

    def cancel(self, job: str) -> Job | None:
        """Cancel a job, wherever it runs; None where it has ended."""
        outcome = Outcome(state="cancelled", message="The job was cancelled.", remedy=AGAIN)
        return self.change(job, [OPEN], outcome, topic=STOP)

    def abandoned(self) -> list[Job]:
        """Give the jobs whose runner let the lease run out."""
        wanted = JOBS.select().where(self.leases.lapsed())
        with self.database.connect() as connection:
            return [job_of(row) for row in connection.execute(wanted).mappings()]

    def take_over(self, job: Job) -> Job | None:
        """Let an abandoned job wait again, or fail it if that happened too often; None where somebody was faster."""
        guard = [*self.leases.held(job), self.leases.lapsed()]
        return self.change(job.id, guard, after_loss(job, "The portal's replica that ran this job", self.limits))

    def change(
        self,
        job: str,
        guard: list[ColumnElement[bool]],
        outcome: Outcome,
        *,
        values: dict[str, Any] | None = None,
        topic: str = WORK,
    ) -> Job | None:
        """Change a job's state if the guard holds, and tell everybody; None where it doesn't."""
        with self.database.begin() as connection:
            changed = values_of(outcome, None) | (values or {})
            job_now = write(connection, job, guard, changed, [("state", shown(changed))])
            if job_now:
                announce(connection, topic)
        return job_now

    def clean(self) -> None:
        """Remove what jobs said that ended long ago."""
        long_ago = DatabaseTime() - self.limits.event_days * 86400
        old = sa.select(JOBS.c.id).where(JOBS.c.ended < long_ago)
        with self.database.begin() as connection:
            connection.execute(EVENTS.delete().where(EVENTS.c.job.in_(old)))


def check_limit(count: int, limit: int) -> None:
    """Refuse a job beyond the user's limit."""
    if count >= limit:
        raise TooMany(
            f"You have {count} jobs that wait or run; accepted: {limit}.", "Wait for one to end, or cancel one."
        )


def after_loss(job: Job, what: str, limits: JobLimits) -> Outcome:
    """Give what becomes of a job whose runner was lost: it waits again, or has failed once too often; pure."""
    if job.lost < limits.taken_up:
        return Outcome(state="queued", message=f"{what} was lost; the job is taken up again.", lost=True)
    times = "once" if not job.lost else f"{job.lost + 1} times"
    remedy = "Run it again; if that happens again, ask for less: it may need more memory than there is."
    return Outcome(state="failed", message=f"{what} was lost {times}.", remedy=remedy, lost=True)


def values_of(outcome: Outcome, product: str | None) -> dict[str, Any]:
    """Give the columns of a job with this outcome."""
    values: dict[str, Any] = {
        "state": outcome.state,
        "message": outcome.message,
        "remedy": outcome.remedy,
        "product": product,
        "runner": None,
        "lease": None,
    }
    if outcome.state in FINAL:
        values["ended"] = DatabaseTime()
    if outcome.lost:
        values["lost"] = JOBS.c.lost + 1
    return values


def shown(values: dict[str, Any]) -> dict[str, Any]:
    """Give what the event of a change says."""
    return {name: values[name] for name in ("state", "message", "remedy", "product")}


def write(
    connection: Connection,
    job: str,
    guard: list[ColumnElement[bool]],
    values: dict[str, Any],
    said: list[Said],
) -> Job | None:
    """Change a job's row if the guard holds, and add what it says; None where it doesn't."""
    change = JOBS.update().where(JOBS.c.id == job, *guard).values(**values, events=JOBS.c.events + len(said))
    row = connection.execute(change.returning(*JOBS.columns)).mappings().one_or_none()
    if row is None:
        return None
    changed = job_of(row)
    connection.execute(EVENTS.insert().values(job=job, number=changed.events, batch=said))
    announce(connection, topic_of(job))
    return changed


def is_new(product: StoredProduct | None, job: Job | None) -> bool:
    """Tell whether the job that ended has this very product."""
    return bool(product and job and job.product == product.id)
