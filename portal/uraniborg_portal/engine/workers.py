"""The query workers of this portal: one or two warm, more when they are wanted, each with one query at a time."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from uraniborg_portal.engine import frames
from uraniborg_portal.engine.allowance import Allowance, interactive
from uraniborg_portal.engine.answer import Answer
from uraniborg_portal.engine.plan import Step
from uraniborg_portal.engine.process import Order, WorkerProcess
from uraniborg_portal.engine.statement import Statement
from uraniborg_portal.errors import Unavailable

LOG = logging.getLogger(__name__)
WARM = 2
"""Idle workers that are kept; a new one takes a third of a second to start."""
LOOK = 0.5
"""Seconds after which who waits for a place sees that nobody wants its answer any more."""
LEFT = "query-*"
"""The folders of workers, by name."""


def sweep(spill: Path) -> None:
    """Remove what the workers of a portal that was killed have left; those of another one that runs are not touched."""
    for folder in spill.glob(LEFT):
        with contextlib.suppress(OSError):
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(held)


class QueryWorkers:
    """Processes that may read the same folders; safe to share between threads."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self._places = threading.Semaphore(order.limits.workers)
        self._lock = threading.Lock()
        self._idle: list[WorkerProcess] = []
        self._busy: set[WorkerProcess] = set()
        self._closed = False

    def warm(self) -> None:
        """Have a worker ready for the next query, if one can be had."""
        try:
            self._give_back(WorkerProcess(self.order))
        except Unavailable as error:
            LOG.warning("no query worker is ready: %s", error.message)

    @contextmanager
    def rows(
        self,
        statement: Statement,
        tables: Mapping[str, pa.Table],
        allowance: Allowance | None = None,
    ) -> Iterator[Answer]:
        """Give the rows of a query as they come, and take the worker back when the block ends.

        Its process ends with the block where rows are left. A query without an allowance is an interactive one.

        Raises
        ------
        Unavailable
            It is interactive, and there was no place for as long as a query may take.
        PortalError
            As `WorkerProcess.rows` has it.
        """
        given = allowance or interactive(self.order.limits)
        with (
            self.placed(given),
            self._taken() as worker,
            worker.rows(statement, tables, given) as answer,
        ):
            yield answer

    def step(self, step: Step, tables: Mapping[str, pa.Table], allowance: Allowance) -> pa.Table:
        """Give all rows of a step of a scan, as `rows` does."""
        with self.rows(step.statement, tables, allowance) as answer:
            return answer.table()

    def run(self, sql: str, tables: Mapping[str, pa.Table], allowance: Allowance | None = None) -> pa.Table:
        """Give all rows of a query, as `rows` does."""
        with self.rows(Statement(sql=sql), tables, allowance) as answer:
            return answer.table()

    @contextmanager
    def file(
        self, content: frames.Bytes, types: Mapping[str, str], allowance: Allowance | None = None
    ) -> Iterator[Answer]:
        """Give the rows of a file as they come, and what it says of them; by a process that ends after.

        Raises
        ------
        PortalError
            As `WorkerProcess.file` has it.
        """
        given = allowance or interactive(self.order.limits)
        with self.placed(given), self._taken(reads=True) as worker, worker.file(content, types, given) as answer:
            yield answer

    def read(self, content: frames.Bytes, allowance: Allowance | None = None) -> tuple[pa.Table, dict[str, Any]]:
        """Give all rows of a file, and what it says of them, as `file` does."""
        with self.file(content, {}, allowance) as answer:
            return answer.table(), answer.said or {}

    @contextmanager
    def _taken(self, *, reads: bool = False) -> Iterator[WorkerProcess]:
        worker = self._counted(WorkerProcess(self.order, reads=True)) if reads else self._take()
        try:
            yield worker
        finally:
            self._give_back(worker)

    @contextmanager
    def placed(self, allowance: Allowance) -> Iterator[None]:
        """Hold a place while the block runs; what is not interactive needs none.

        Raises
        ------
        QueryStopped, Unavailable
            It was stopped, or there was none for as long as a query may take.
        """
        if not allowance.interactive:
            yield
            return
        until = time.monotonic() + allowance.seconds
        while not self._places.acquire(timeout=min(LOOK, max(0.0, until - time.monotonic()))):
            allowance.stop.check()
            if time.monotonic() >= until:
                raise Unavailable(
                    f"All {self.order.limits.workers} queries that run at once took {allowance.seconds:g} s.",
                    "Ask again in a minute.",
                )
        try:
            yield
        finally:
            self._places.release()

    def retire(self) -> None:
        """End the idle workers; one that answers ends with its answer."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()

    def close(self) -> None:
        """End all workers, and the queries that they answer."""
        self.retire()
        with self._lock:
            busy = list(self._busy)
        for worker in busy:
            worker.kill()

    def _take(self) -> WorkerProcess:
        while (worker := self._last_idle()) is not None and not worker.alive():
            worker.close()
        return self._counted(worker or WorkerProcess(self.order))

    def _counted(self, taken: WorkerProcess) -> WorkerProcess:
        with self._lock:
            self._busy.add(taken)
            closed = self._closed
        if closed:
            taken.kill()
        return taken

    def _last_idle(self) -> WorkerProcess | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _give_back(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._busy.discard(worker)
            kept = worker.usable and not self._closed and len(self._idle) < WARM
            if kept:
                self._idle.append(worker)
        if not kept:
            worker.close()
