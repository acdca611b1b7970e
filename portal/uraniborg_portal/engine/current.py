"""The query workers of the newest order: what they may read changes when catalogs come or go."""

from __future__ import annotations

import threading

from uraniborg_portal.engine import sandbox
from uraniborg_portal.engine.process import Order
from uraniborg_portal.engine.workers import QueryWorkers
from uraniborg_portal.errors import Unavailable


class CurrentWorkers:
    """Keeps workers as long as the order is the same; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._workers: QueryWorkers | None = None

    def of(self, order: Order) -> QueryWorkers:
        """Give the workers of an order; those of another one end with their answers.

        Raises
        ------
        Unavailable
            There is no sandbox for them, and the order wants one.
        """
        if why := lacks(order):
            raise Unavailable(
                f"Queries run in a sandbox only. {why}",
                'Run the portal where there is one, or let queries run without: sandbox = "off" below [queries] in '
                "uraniborg.toml, if you trust all who may ask.",
            )
        with self._lock:
            if self._workers is None or self._workers.order != order:
                if self._workers:
                    self._workers.retire()
                self._workers = QueryWorkers(order)
            return self._workers

    def close(self) -> None:
        """End them."""
        if self._workers:
            self._workers.close()


def lacks(order: Order) -> str:
    """Give why workers of an order can't start here, empty where they can."""
    return sandbox.missing() if order.sandboxed else ""
