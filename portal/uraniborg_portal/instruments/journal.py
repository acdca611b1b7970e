"""What one run of a job says, on its way into the database: in batches, five a second at most."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from uraniborg_portal.database import GONE
from uraniborg_portal.instruments.job_models import Job, Said
from uraniborg_portal.instruments.queue import JobQueue, topic_of
from uraniborg_portal.wakeups import Wakeups

LOG = logging.getLogger(__name__)

LINES = 5000
"""Events of one job at most; after them only its states are kept."""

EVERY = 0.2
"""Seconds between two batches."""


def thinned(said: list[Said]) -> list[Said]:
    """Give what is said without the progress that newer progress of the same batch makes old; pure."""
    newest = max((number for number, (kind, _) in enumerate(said) if kind == "progress"), default=-1)
    return [each for number, each in enumerate(said) if each[0] != "progress" or number == newest]


class Journal:
    """Takes what a run says, and writes it; what can't be written now is kept and tried again."""

    def __init__(self, queue: JobQueue, wakeups: Wakeups, job: Job) -> None:
        self.queue = queue
        self.wakeups = wakeups
        self.job = job
        self.count = job.events
        self.pending: list[Said] = []
        self.lines: list[str] = []
        """The log of this run."""
        self.due = asyncio.Event()
        self.closed = asyncio.Event()

    def say(self, kind: str, data: dict[str, Any]) -> None:
        """Take something that the run says."""
        if self.count >= LINES:
            return
        self.count += 1
        self.pending.append((kind, data))
        if kind == "log":
            self.lines.append(str(data["line"]))
        self.due.set()

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Write what is said, until the block ends; what is pending then is left for `rest`."""
        writer = asyncio.create_task(self.write(), name=f"journal of job {self.job.id}")
        try:
            yield
        finally:
            self.closed.set()
            self.due.set()
            await writer

    async def write(self) -> None:
        """Write batches until closed."""
        while not self.closed.is_set():
            await self.due.wait()
            self.due.clear()
            if self.pending and not self.closed.is_set():
                await self.write_batch()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.closed.wait(), EVERY)

    async def write_batch(self) -> None:
        """Write what is pending, or put it back where the database does not answer."""
        batch = self.rest()
        try:
            await asyncio.to_thread(self.queue.say, self.job, batch)
        except GONE as error:
            LOG.warning("what job %s says can't be written now: %s", self.job.id, error)
            self.pending[:0] = batch
            self.due.set()
        except SQLAlchemyError:
            LOG.exception("what job %s says can't be written", self.job.id)
        self.wakeups.ring(topic_of(self.job.id))

    def rest(self) -> list[Said]:
        """Take what is pending."""
        batch = thinned(self.pending)
        self.pending = []
        return batch
