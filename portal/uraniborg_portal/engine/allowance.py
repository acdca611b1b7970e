"""What one query may take, and how it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from uraniborg_portal.errors import QueryStopped


class Stop:
    """Asks a query to end, whatever it is at; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = False
        self._end: Callable[[], None] | None = None

    def ask(self) -> None:
        """End what runs now, and let nothing begin."""
        with self._lock:
            self._asked = True
            # Within the lock: a moment later the process may answer somebody else.
            if self._end:
                self._end()

    def check(self) -> None:
        """Go on, unless the end was asked for.

        Raises
        ------
        QueryStopped
            It was.
        """
        if self._asked:
            raise QueryStopped("The query was stopped.", "Run it again.")

    @contextmanager
    def ended_by(self, end: Callable[[], None]) -> Iterator[None]:
        """Call `end` when the end is asked for while the block runs.

        Raises
        ------
        QueryStopped
            It was asked for before.
        """
        with self._lock:
            self.check()
            self._end = end
        try:
            yield
        finally:
            with self._lock:
                self._end = None


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What one query may take that does not wait for a place among the interactive ones: its caller counts it."""

    seconds: float
    remedy: str = "Ask for a smaller part of the sky, fewer rows, or a simpler query."
    """What to do when they have passed."""
    stop: Stop = field(default_factory=Stop)
