"""The two clocks of a query: how long its rows are waited for, and how long they wait for whoever takes them."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

Clock = Literal["answer", "taker"]


class Watch:
    """Calls `end` when a clock has run out; one of the two runs at a time.

    Parameters
    ----------
    answer_seconds
        For the rows, all together.
    taker_seconds
        For whoever takes them, each time.
    """

    def __init__(self, answer_seconds: float, taker_seconds: float, end: Callable[[], None]) -> None:
        self.over: Clock | None = None
        """The clock that ran out."""
        self.passed = 0.0
        """Seconds for which rows were waited for."""
        self._answer_seconds = answer_seconds
        self._taker_seconds = taker_seconds
        self._end = end
        self._changed = threading.Condition()
        self._closed = False
        self._clock: Clock = "answer"
        self._until = math.inf
        """When the clock that runs has run out; infinite where none runs."""
        self._looks = math.inf
        """When the thread looks again, if nobody wakes it before."""
        threading.Thread(target=self._look, name="query-watch", daemon=True).start()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the block as time for the rows, and what follows it as the taker's until the next block."""
        self._start("answer", self._answer_seconds - self.passed)
        began = time.monotonic()
        try:
            yield
        finally:
            self.passed += time.monotonic() - began
            self._start("taker", self._taker_seconds)

    def close(self) -> None:
        """Stop both; `end` is not called after."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _start(self, clock: Clock, seconds: float) -> None:
        with self._changed:
            self._clock, self._until = clock, time.monotonic() + seconds
            # A clock that runs out later than the one before is seen when that one would have.
            if self._until < self._looks:
                self._changed.notify()

    def _look(self) -> None:
        with self._changed:
            while not self._closed and (left := self._until - time.monotonic()) > 0:
                self._looks = self._until
                self._changed.wait(min(left, threading.TIMEOUT_MAX))
            if not self._closed:
                self.over = self._clock
                self._end()
