"""The two clocks of a query: how long its rows are waited for, and how long they wait for whoever takes them."""

from __future__ import annotations

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
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

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
        with self._lock:
            self._cancel()

    def _start(self, clock: Clock, seconds: float) -> None:
        with self._lock:
            self._cancel()
            timer = threading.Timer(max(0.0, seconds), lambda: self._run_out(clock, timer))
            timer.daemon = True
            self._timer = timer
            timer.start()

    def _cancel(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def _run_out(self, clock: Clock, timer: threading.Timer) -> None:
        with self._lock:
            # One that was cancelled a moment too late is not the one that runs.
            if self._timer is timer:
                self.over = self.over or clock
                self._end()
