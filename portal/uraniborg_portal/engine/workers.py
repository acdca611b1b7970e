"""The query workers of this portal: one or two warm, more when they are wanted, each with one query at a time."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from uraniborg_portal.engine.process import Order, WorkerProcess
from uraniborg_portal.errors import Unavailable

WARM = 2
"""Idle workers that are kept; a new one takes a third of a second to start."""
LEFT = "query-*"
"""The folders of workers, by name."""


def sweep(spill: Path) -> None:
    """Remove what the workers of a portal that was killed have left; no other may be running."""
    for folder in spill.glob(LEFT):
        shutil.rmtree(folder, ignore_errors=True)


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

    def run(self, sql: str, tables: Mapping[str, pa.Table]) -> pa.Table:
        """Give the rows of a query, by the first worker that is free.

        Raises
        ------
        Unavailable
            None was free for as long as a query may take.
        PortalError
            As `WorkerProcess.run` has it.
        """
        if not self._places.acquire(timeout=self.order.limits.seconds):
            raise Unavailable(
                f"All {self.order.limits.workers} queries that run at once took {self.order.limits.seconds:g} s.",
                "Ask again in a minute.",
            )
        try:
            worker = self._take()
            try:
                return worker.run(sql, tables)
            finally:
                self._give_back(worker)
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
        taken = worker or WorkerProcess(self.order)
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
