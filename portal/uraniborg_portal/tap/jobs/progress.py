"""How far an asynchronous query is, written down as it goes on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from uraniborg_portal.tap.jobs.models import TapJob
from uraniborg_portal.tap.jobs.queue import TapQueue

LOG = logging.getLogger(__name__)
EVERY = 1.0
"""Seconds between two times that are written."""


class StepsDone:
    """Is told of every step, and writes down what somebody may want to see; what can't be written is not missed."""

    def __init__(self, queue: TapQueue, job: TapJob, clock: Callable[[], float] = time.monotonic) -> None:
        self.queue = queue
        self.job = job
        self.clock = clock
        self._next = 0.0

    def __call__(self, done: int, of: int) -> None:
        """Take how many steps of how many are done."""
        now = self.clock()
        if now < self._next:
            return
        self._next = now + EVERY
        try:
            self.queue.progress(self.job, done, of)
        except SQLAlchemyError as error:
            LOG.warning("how far query %s is was not written: %s", self.job.id, type(error).__name__)
