"""The query workers for the catalogs that are installed now."""

from __future__ import annotations

import threading
from pathlib import Path

from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine import sandbox
from uraniborg_portal.engine.process import Order
from uraniborg_portal.engine.workers import QueryWorkers, sweep
from uraniborg_portal.errors import Unavailable
from uraniborg_portal.settings import QueryLimits


class ConfinedWorkers:
    """Workers that can open the folders of all installed catalogs, and no others; safe to share between threads.

    A worker serves one caller after another: which of the folders a query reads is what its plan names.
    """

    def __init__(self, catalogs: CatalogRegistry, limits: QueryLimits, spill: Path, *, scans: bool = False) -> None:
        """Take what the workers' order says; they answer whole queries, or the steps of `scans`."""
        self._scans = scans
        self._catalogs = catalogs
        self._limits = limits
        self._spill = spill
        self._lock = threading.Lock()
        self._workers: QueryWorkers | None = None

    def start(self) -> None:
        """Have a worker ready for the first query; in a process that answers many."""
        sweep(self._spill)
        if not self._lacks():
            self._current().warm()

    def ready(self) -> QueryWorkers:
        """Give the workers; others take their place when catalogs come or go.

        Raises
        ------
        Unavailable
            There is no sandbox for them, and the settings want one.
        """
        if lacks := self._lacks():
            raise Unavailable(
                f"Queries run in a sandbox only. {lacks}",
                'Run the portal where there is one, or let queries run without: sandbox = "off" below [queries] in '
                "uraniborg.toml, if you trust all who may ask.",
            )
        return self._current()

    def close(self) -> None:
        """End them."""
        if self._workers:
            self._workers.close()

    def _lacks(self) -> str:
        return sandbox.missing() if self._limits.sandbox == "required" else ""

    def _current(self) -> QueryWorkers:
        folders = frozenset(self._catalogs.collection(name).primary for name in self._catalogs.names())
        sandboxed = self._limits.sandbox == "required"
        order = Order(folders=folders, spill=self._spill, sandboxed=sandboxed, limits=self._limits, scans=self._scans)
        with self._lock:
            if self._workers is None or self._workers.order != order:
                if self._workers:
                    self._workers.retire()
                self._workers = QueryWorkers(order)
            return self._workers
