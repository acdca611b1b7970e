"""The query workers of this portal: one or two warm, more when they are wanted, each with one query at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from uraniborg_portal.engine.allowance import Allowance
from uraniborg_portal.engine.process import Order, WorkerProcess
from uraniborg_portal.errors import Unavailable

WARM = 2
"""Idle workers that are kept; a new one takes a third of a second to start."""
LONGER = (
    "Ask for a smaller part of the sky, fewer rows, or a simpler query; or run it asynchronously, where more time is "
    "given (TAP async)."
)
"""What to do when an interactive query has taken its time."""
LEFT = "query-*"
"""The folders of workers, by name."""

Answer = TypeVar("Answer")


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
        """Have a worker ready for the next query."""
        self._give_back(WorkerProcess(self.order))

    def run(self, sql: str, tables: Mapping[str, pa.Table], allowance: Allowance | None = None) -> pa.Table:
        """Give the rows of a query; one without an allowance waits for a place among the interactive ones.

        Raises
        ------
        Unavailable
            There was none for as long as a query may take.
        PortalError
            As `WorkerProcess.run` has it.
        """
        return self._placed(lambda given: self._run(sql, tables, given), allowance)

    def read(self, content: bytes, allowance: Allowance | None = None) -> tuple[pa.Table, dict[str, Any]]:
        """Give the rows of a file, and what it says of them; as `run` does, by a process that ends after.

        Raises
        ------
        PortalError
            As `WorkerProcess.read` has it.
        """
        return self._placed(lambda given: self._read(content, given), allowance)

    def _read(self, content: bytes, allowance: Allowance) -> tuple[pa.Table, dict[str, Any]]:
        worker = self._counted(WorkerProcess(self.order, reads=True))
        try:
            return worker.read(content, allowance)
        finally:
            self._give_back(worker)

    def _run(self, sql: str, tables: Mapping[str, pa.Table], allowance: Allowance) -> pa.Table:
        worker = self._take()
        try:
            return worker.run(sql, tables, allowance)
        finally:
            self._give_back(worker)

    def _placed(self, ask: Callable[[Allowance], Answer], allowance: Allowance | None) -> Answer:
        if allowance:
            return ask(allowance)
        limits = self.order.limits
        if not self._places.acquire(timeout=limits.seconds):
            raise Unavailable(
                f"All {limits.workers} queries that run at once took {limits.seconds:g} s.", "Ask again in a minute."
            )
        try:
            return ask(Allowance(seconds=limits.seconds, remedy=LONGER))
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
