"""Jobs as work that a replica takes: claimed, made into a product on its own compute, and written down."""

from __future__ import annotations

import asyncio
import shutil
import time
from functools import partial
from pathlib import Path

from uraniborg_portal.instruments.compute import Compute
from uraniborg_portal.instruments.job_models import Job, Outcome, Said
from uraniborg_portal.instruments.journal import Journal
from uraniborg_portal.instruments.making import Making
from uraniborg_portal.instruments.queue import STOP, WORK, JobQueue, is_new, topic_of
from uraniborg_portal.runner import Runner, Topics
from uraniborg_portal.settings import Settings
from uraniborg_portal.wakeups import Wakeups

STALE = 86400.0
"""A folder of jobs that nobody changed for so long is left of a process that was killed, seconds."""

GIVEN_BACK = Outcome(state="queued", message="The portal is restarted; the job is taken up again.")

UNWRITABLE = Outcome(
    state="failed", message="The portal could not write down how the job ended.", remedy="Run it again."
)


class JobWork:
    """Runs instrument jobs."""

    def __init__(self, settings: Settings, queue: JobQueue, making: Making, compute: Compute, wakeups: Wakeups) -> None:
        self.queue = queue
        self.making = making
        self.compute = compute
        self.wakeups = wakeups
        self.staging = (settings.staging or settings.state) / "jobs"
        self.topics = Topics(work=WORK, stop=STOP)
        self.room = settings.jobs.workers
        self.lease_seconds = settings.jobs.lease_seconds
        self.claim, self.renew = queue.claim, queue.leases.renew
        self.abandoned, self.take_over = queue.abandoned, queue.take_over
        self.topic = topic_of

    async def run(self, item: Job, runner: Runner[Job]) -> None:
        """Run a job to its end, or until it is ours no longer."""
        journal = Journal(self.queue, self.wakeups, item)
        try:
            async with journal.writing():
                outcome = await self.making.outcome(item, self.folder(item, runner), self.compute, journal)
        except asyncio.CancelledError:
            if not runner.closing:
                raise
            outcome = GIVEN_BACK
        await self.settle(item, runner, outcome, journal.rest())

    async def settle(self, job: Job, runner: Runner[Job], outcome: Outcome, said: list[Said]) -> None:
        """Write how a run ended, as soon as the database takes it; it keeps the lease until then."""
        write, otherwise = partial(self.queue.end, job, outcome, said), partial(self.queue.end, job, UNWRITABLE, [])
        ended = await runner.written(write, otherwise, f"the end of job {job.id}")
        if outcome.product and not (ended is None and runner.closing) and not is_new(outcome.product, ended):
            await self.making.discard(outcome.product)

    async def give_back(self, item: Job, runner: Runner[Job]) -> None:
        """Let a job wait again."""
        await self.settle(item, runner, GIVEN_BACK, [])

    def left(self, item: Job, runner: Runner[Job]) -> None:
        """Keep nothing of a job's folder."""
        shutil.rmtree(self.folder(item, runner), ignore_errors=True)

    def folder(self, job: Job, runner: Runner[Job]) -> Path:
        """Give the folder that a job writes in."""
        return self.staging / runner.name / job.id

    def prepare(self) -> None:
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
