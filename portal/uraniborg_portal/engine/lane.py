"""The scan lane: steps of long queries, some at once, in sweeps around the sky."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count

import pyarrow as pa

from uraniborg_portal.catalogs.layout import CELLS
from uraniborg_portal.engine.plan import Place
from uraniborg_portal.errors import PortalError

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A step that waits to be run."""

    place: Place
    work: Callable[[], pa.Table]
    answer: Future[pa.Table] = field(default_factory=Future)


class ScanLane:
    """Runs steps, so many at once; safe to share between threads.

    Of each catalog the step is next that lies nearest behind the last one on the HEALPix curve, whichever query it
    belongs to: queries that scan one catalog together read the same shards at about the same time, from the disk once.
    Catalogs take turns.
    """

    def __init__(self, slots: int) -> None:
        self.slots = slots
        """Steps that run at once."""
        self._lock = threading.Lock()
        self._waiting: list[Waiting] = []
        self._running = 0
        self._sweeps: dict[str, int] = {}
        """Where the last step of each catalog started."""
        self._turns: dict[str, int] = {}
        """When each catalog had its last turn."""
        self._clock = count(1)

    def submit(self, place: Place, work: Callable[[], pa.Table]) -> Future[pa.Table]:
        """Have a step run when it is its turn, in a thread of the lane."""
        with self._lock:
            self._waiting.append(one := Waiting(place=place, work=work))
            if self._running < self.slots:
                self._running += 1
                threading.Thread(target=self._run, name="scan", daemon=True).start()
        return one.answer

    def sweep(self, catalog: str) -> int:
        """Give where the sweep over a catalog is; 0 where nobody reads it."""
        with self._lock:
            return self._sweeps.get(catalog, 0)

    def _run(self) -> None:
        while (one := self._next()) is not None:
            if one.answer.set_running_or_notify_cancel():
                try:
                    one.answer.set_result(one.work())
                except PortalError as error:
                    one.answer.set_exception(error)
                except Exception as error:
                    LOG.exception("a step of a query")
                    one.answer.set_exception(error)

    def _next(self) -> Waiting | None:
        with self._lock:
            if not self._waiting:
                self._running -= 1
                if not self._running:
                    # The next query alone begins at the beginning, so that it gives its rows in the same order again.
                    self._sweeps.clear()
                return None
            catalog = min((one.place.catalog for one in self._waiting), key=lambda name: self._turns.get(name, 0))
            swept = self._sweeps.get(catalog, 0)
            mine = [one for one in self._waiting if one.place.catalog == catalog]
            nearest = min(mine, key=lambda one: (one.place.start - swept) % CELLS)
            self._waiting.remove(nearest)
            self._sweeps[catalog], self._turns[catalog] = nearest.place.start, next(self._clock)
            return nearest
