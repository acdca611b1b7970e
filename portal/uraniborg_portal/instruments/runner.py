"""What one replica does for the jobs of all: it claims those that wait, runs them, and takes up what others left."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from uraniborg_portal.database import GONE
from uraniborg_portal.instruments.compute import Compute
from uraniborg_portal.instruments.job_models import Job, Outcome, Said
from uraniborg_portal.instruments.journal import Journal
from uraniborg_portal.instruments.making import Making
from uraniborg_portal.instruments.queue import STOP, WORK, JobQueue, is_new, topic_of
from uraniborg_portal.settings import Settings
from uraniborg_portal.wakeups import Wakeups

LOG = logging.getLogger(__name__)

AGAIN = 1.0
"""Seconds until an end that can't be written is tried again."""

STALE = 86400.0
"""A folder of jobs that nobody changed for so long is left of a process that was killed, seconds."""

GIVEN_BACK = Outcome(state="queued", message="The portal is restarted; the job is taken up again.")

UNWRITABLE = Outcome(
    state="failed", message="The portal could not write down how the job ended.", remedy="Run it again."
)


@dataclass(frozen=True, kw_only=True)
class Run:
    """A job that this replica runs."""

    job: Job
    task: asyncio.Task[None]


class Runner:
    """Runs jobs; `name` is what its leases are held by."""

    def __init__(self, settings: Settings, queue: JobQueue, making: Making, compute: Compute, wakeups: Wakeups) -> None:
        self.settings = settings
        self.queue = queue
        self.making = making
        self.compute = compute
        self.wakeups = wakeups
        self.name = secrets.token_hex(16)
        self.staging = (settings.staging or settings.state) / "jobs"
        self.runs: dict[str, Run] = {}
        self.loops: list[asyncio.Task[None]] = []
        self.claiming = asyncio.Lock()
        self.heard: float | None = None
        """Since when the database has answered without a break, monotonic seconds."""
        self.closing = False

    @property
    def every(self) -> float:
        """Seconds between two renewals of the leases."""
        return self.settings.jobs.lease_seconds / 4

    def start(self) -> None:
        """Begin to take jobs; `hand_over` ends it."""
        self.loops = [asyncio.create_task(self.claim_always()), asyncio.create_task(self.beat_always())]

    async def claim_always(self) -> None:
        """Claim jobs whenever there is news of them, and now and then without."""
        await asyncio.to_thread(self.sweep)
        with self.wakeups.listening(WORK) as ring:
            while not self.closing:
                try:
                    await self.claim()
                except SQLAlchemyError as error:
                    LOG.warning("no job can be claimed now: %s", error)
                await ring.wait(self.every)

    async def claim(self) -> None:
        """Claim and begin as many jobs as there is room for."""
        async with self.claiming:
            while len(self.runs) < self.settings.jobs.workers and not self.closing:
                job = await asyncio.to_thread(self.queue.claim, self.name)
                if job is None:
                    return
                self.wakeups.ring(topic_of(job.id))
                self.begin(job)

    def begin(self, job: Job) -> None:
        """Run a job beside everything else."""
        task = asyncio.create_task(self.run(job), name=f"job {job.id}")
        self.runs[job.id] = Run(job=job, task=task)
        task.add_done_callback(lambda _: self.leave(job))

    def leave(self, job: Job) -> None:
        """Give back the room of a job whose task is over, wake who waits for it, and keep nothing of its folder."""
        self.runs.pop(job.id, None)
        shutil.rmtree(self.staging / self.name / job.id, ignore_errors=True)
        self.wakeups.ring(topic_of(job.id))
        self.wakeups.ring(WORK)

    async def beat_always(self) -> None:
        """Renew leases, end what is no longer ours, and take up what others left."""
        with self.wakeups.listening(STOP) as ring:
            while not self.closing:
                try:
                    await self.beat()
                except SQLAlchemyError as error:
                    self.heard = None
                    LOG.warning("leases can't be renewed now: %s", error)
                await ring.wait(self.every)

    async def beat(self) -> None:
        """Do so once. A replica that could not hear the others itself declares nobody lost for the time of a lease."""
        known = dict(self.runs)
        ours = await asyncio.to_thread(self.queue.renew, self.name)
        for run in known.values():
            if (run.job.id, run.job.attempt) not in ours:
                run.task.cancel()
        self.heard = self.heard or time.monotonic()
        if time.monotonic() - self.heard >= self.settings.jobs.lease_seconds:
            for job in await asyncio.to_thread(self.queue.abandoned):
                await asyncio.to_thread(self.queue.take_over, job)
                LOG.warning("job %s was left by its replica", job.id)
                self.wakeups.ring(topic_of(job.id))
                self.wakeups.ring(WORK)

    async def run(self, job: Job) -> None:
        """Run a job to its end, or until it is ours no longer."""
        journal = Journal(self.queue, self.wakeups, job)
        folder = self.staging / self.name / job.id
        try:
            async with journal.writing():
                outcome = await self.making.outcome(job, folder, self.compute, journal)
        except asyncio.CancelledError:
            if not self.closing:
                raise
            outcome = GIVEN_BACK
        await self.settle(job, outcome, journal.rest())

    async def settle(self, job: Job, outcome: Outcome, said: list[Said]) -> None:
        """Write how a run ended, as soon as the database takes it; it keeps the lease until then."""
        while True:
            try:
                ended = await asyncio.to_thread(self.queue.end, job, outcome, said)
            except (*GONE, IntegrityError) as error:
                LOG.warning("the end of job %s can't be written now: %s", job.id, error)
                if self.closing:
                    return
                await asyncio.sleep(AGAIN)
            except SQLAlchemyError:
                LOG.exception("the end of job %s can't be written", job.id)
                outcome, said = UNWRITABLE, []
            else:
                if outcome.product and not is_new(outcome.product, ended):
                    await self.making.discard(outcome.product)
                return

    async def drop(self, job: str) -> None:
        """End a job's work, if it runs here, and wait until it has ended."""
        if job in self.runs:
            self.runs[job].task.cancel()
            await asyncio.wait([self.runs[job].task])

    async def hand_over(self) -> None:
        """Take no more jobs, and let another replica, or the next start, take up those that run here."""
        self.closing = True
        self.wakeups.ring(WORK)
        self.wakeups.ring(STOP)
        async with self.claiming:
            begun = [run.job for run in self.runs.values()]
            tasks = [run.task for run in self.runs.values()]
        for task in tasks:
            task.cancel()
        if tasks or self.loops:
            await asyncio.wait([*tasks, *self.loops])
        for job in begun:  # a task that was cancelled before its first step has written nothing
            await self.settle(job, GIVEN_BACK, [])
        shutil.rmtree(self.staging / self.name, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what killed processes left in the staging folder."""
        if not self.staging.is_dir():
            return
        for folder in self.staging.iterdir():
            if time.time() - stamp(folder) > STALE:
                shutil.rmtree(folder, ignore_errors=True)


def stamp(folder: Path) -> float:
    """Give the Unix time of a folder's latest change; one that another replica removed meanwhile is new."""
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return time.time()
