"""Results in memory while they are paged: rows and orders, the least recently used dropped first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from uraniborg_portal.queries.paging import RowNumbers, order
from uraniborg_portal.queries.store import ResultStore

ORDERS = 8
"""Orders of one result that are kept."""


@dataclass
class OpenResult:
    """The rows of a result, and its row numbers in the orders asked for so far."""

    table: pa.Table
    orders: OrderedDict[tuple[str, bool], RowNumbers] = field(default_factory=OrderedDict)

    def numbers(self, sort: str | None, *, descending: bool) -> RowNumbers:
        """Give the row numbers in an order; None is the result's own."""
        if sort is None:
            return np.arange(self.table.num_rows, dtype=np.uint32)
        wanted = (sort, descending)
        if wanted not in self.orders:
            self.orders[wanted] = order(self.table.column(sort), descending=descending)
            if len(self.orders) > ORDERS:
                self.orders.popitem(last=False)
        return self.orders[wanted]


class OpenResults:
    """The results that are open, at most so many bytes of rows together."""

    def __init__(self, store: ResultStore, most_bytes: int) -> None:
        self.store = store
        self.most_bytes = most_bytes
        self.opened: OrderedDict[str, OpenResult] = OrderedDict()
        self.lock = threading.Lock()

    def get(self, identifier: str) -> OpenResult:
        """Give an open result, read from disk where it is not in memory.

        Raises
        ------
        NotFound
            Its file is gone.
        """
        with self.lock:
            if identifier in self.opened:
                self.opened.move_to_end(identifier)
                return self.opened[identifier]
        opened = OpenResult(self.store.table(identifier))
        with self.lock:
            self.opened[identifier] = opened
            while (
                len(self.opened) > 1 and sum(result.table.nbytes for result in self.opened.values()) > self.most_bytes
            ):
                self.opened.popitem(last=False)
        return opened
