"""What one query may take, and how it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from uraniborg_portal.errors import QueryStopped, TookTooLong
from uraniborg_portal.settings import QueryLimits

LONGER = (
    "Ask for a smaller part of the sky, fewer rows, or a simpler query; or run it in the background, where more "
    "time is given (in TAP: async)."
)
"""What to do when an interactive query has taken its time."""


class Stop:
    """Asks a query to end, whatever it is at; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = False
        self._ends: list[Callable[[], None]] = []

    def ask(self) -> None:
        """End what runs now, and let nothing begin."""
        with self._lock:
            self._asked = True
            # Within the lock: a moment later the process may answer somebody else.
            for end in self._ends:
                end()

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
        """Call `end` when the end is asked for while the block runs; several blocks may run at once.

        Raises
        ------
        QueryStopped
            It was asked for before.
        """
        with self._lock:
            self.check()
            self._ends.append(end)
        try:
            yield
        finally:
            with self._lock:
                self._ends.remove(end)


Progress = Callable[[int, int], None]


def unwatched(done: int, of: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What one query may take."""

    seconds: float
    """How long its rows are waited for, all together; not the time in which nobody takes what is there."""
    passed: float = 0.0
    """Seconds of it that have passed in earlier steps of the query."""
    progress: Progress = unwatched
    """Is told how many steps of how many are done."""
    remedy: str = "Ask for a smaller part of the sky, fewer rows, or a simpler query."
    """What to do when they have passed."""
    stop: Stop = field(default_factory=Stop)
    interactive: bool = False
    """Whether it waits for a place among the interactive queries; the others are counted by whoever asks."""

    def late(self) -> TookTooLong:
        """Give the error of a query whose time has passed."""
        return TookTooLong(f"The query was stopped after {self.seconds:g} s.", self.remedy)


def interactive(limits: QueryLimits, stop: Stop | None = None) -> Allowance:
    """Give what a query may take for which somebody waits."""
    return Allowance(seconds=limits.seconds, remedy=LONGER, stop=stop or Stop(), interactive=True)
