"""What jobs say, for those who follow them: what was said before is replayed, what comes is pushed by any replica."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from sqlalchemy.exc import SQLAlchemyError

from uraniborg_portal.instruments.job_models import FINAL, Event, Job
from uraniborg_portal.instruments.queue import topic_of
from uraniborg_portal.instruments.store import Store
from uraniborg_portal.wakeups import Wakeups

LOG = logging.getLogger(__name__)

LOOK = 2.0
"""Seconds after which a reader looks again even when nothing woke it (news between replicas may be lost)."""


class EventLog:
    """The events of all jobs."""

    def __init__(self, store: Store, wakeups: Wakeups) -> None:
        self.store = store
        self.wakeups = wakeups

    async def follow(self, job: Job, after: int) -> AsyncIterator[Event]:
        """Give a job's events after a number, those to come too; ends after the final state.

        It outlives a database that is gone for a while. Of a job that ended so long ago that its events are removed
        (or were all given), the final state is given.
        """
        with self.wakeups.listening(topic_of(job.id)) as ring:
            while True:
                for event in await self.read(job.id, after):
                    after = event.number
                    yield event
                    if event.last:
                        return
                if job.state in FINAL:
                    yield Event(number=max(job.events, 1), kind="state", data=job.state_event())
                    return
                await ring.wait(LOOK)

    async def read(self, job: str, after: int) -> list[Event]:
        """Give the events after a number; none while the database does not answer."""
        try:
            return await asyncio.to_thread(self.store.events, job, after)
        except SQLAlchemyError as error:
            LOG.warning("the events of job %s can't be read now: %s", job, error)
            return []
