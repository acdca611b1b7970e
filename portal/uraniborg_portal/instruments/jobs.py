"""Jobs: from a user's parameters to a product, with an end for every job, whichever replicas come and go."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import replace

from sqlalchemy import Engine

from uraniborg_portal.errors import Conflict, Unavailable
from uraniborg_portal.instruments.compute import Compute
from uraniborg_portal.instruments.event_log import EventLog
from uraniborg_portal.instruments.inputs import hashes
from uraniborg_portal.instruments.job_models import Event, Job
from uraniborg_portal.instruments.keys import key_of
from uraniborg_portal.instruments.making import Making, identifier
from uraniborg_portal.instruments.models import Instrument
from uraniborg_portal.instruments.parameters import Parameters
from uraniborg_portal.instruments.products import Products
from uraniborg_portal.instruments.queue import STOP, WORK, JobQueue, topic_of
from uraniborg_portal.instruments.store import Store
from uraniborg_portal.instruments.work import JobWork
from uraniborg_portal.runner import Runner
from uraniborg_portal.settings import Settings
from uraniborg_portal.storage import Storage
from uraniborg_portal.wakeups import Wakeups


class Jobs:
    """The jobs of all replicas, as this one serves them."""

    def __init__(
        self, settings: Settings, database: Engine, storage: Storage, wakeups: Wakeups, compute: Compute
    ) -> None:
        self.store = Store(database)
        self.products = Products(storage)
        self.queue = JobQueue(database, settings.jobs)
        self.making = Making(self.store, self.products, settings.jobs)
        self.log = EventLog(self.store, wakeups)
        self.compute = compute
        self.wakeups = wakeups
        self.work = JobWork(settings, self.queue, self.making, compute, wakeups)
        self.runner = Runner(self.work, wakeups)

    async def submit(self, owner: str, instrument: Instrument, parameters: Parameters) -> Job:
        """Give a job for these parameters: finished where the product is there, else waiting, or the same one again.

        Raises
        ------
        PortalError
            There are no data for the parameters, or the user has as many jobs as the limit allows.
        """
        job = Job(
            id=identifier(),
            owner=owner,
            instrument=instrument.name,
            parameters=parameters.model_dump(mode="json"),
            key=key_of(instrument, parameters, hashes(instrument.inputs(parameters))),
            created=time.time(),
        )
        written = await asyncio.to_thread(self.write_down, job)
        self.wakeups.ring(WORK)
        return written

    def write_down(self, job: Job) -> Job:
        """Write a new job, done already where its product was made before.

        Raises
        ------
        Unavailable
            The disk is full, or a folder can't be written.
        """
        made = self.making.made_before(job.key)
        if made:
            return self.queue.submit(replace(job, state="done", product=made.id, ended=job.created))
        try:
            self.work.staging.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                "The portal can't write the job down: its disk is full or its folder is not writable.",
                "Make room, or tell whoever runs this portal; then run it again.",
            ) from error
        return self.queue.submit(job)

    async def cancel(self, job: Job) -> Job:
        """End a job, wherever it runs: at once for its user, and its work within a second.

        Raises
        ------
        Conflict
            It has ended already.
        """
        ended = await asyncio.to_thread(self.queue.cancel, job.id)
        if ended is None:
            now = await asyncio.to_thread(self.store.job, job.id, job.owner)
            raise Conflict(f"This job has ended already: {now.state}.")
        for topic in (topic_of(job.id), STOP, WORK):
            self.wakeups.ring(topic)
        await self.runner.drop(job.id)
        return ended

    def follow(self, job: Job, after: int) -> AsyncIterator[Event]:
        """Give a job's events after a number, those to come too; ends after the final state."""
        return self.log.follow(job, after)

    def start(self) -> None:
        """Begin to run jobs."""
        self.runner.start()

    def clean(self) -> None:
        """Remove old logs, and files that no product knows of."""
        self.queue.clean()
        self.products.clean(self.store.known_products)

    async def hand_over(self) -> None:
        """Take no more jobs, and let another replica, or the next start, take up those that run here."""
        await self.runner.hand_over()
        shutil.rmtree(self.work.staging / self.runner.name, ignore_errors=True)

    async def close(self) -> None:
        """Hand over the jobs that run here, and end what they ran in."""
        await self.hand_over()
        await self.compute.close()
