"""A beat in a thread of its own: quick while someone looks, calm otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread

QUICK, CALM = 1.0, 10.0
"""Seconds between two beats."""
FORGOTTEN = 120.0
"""Seconds after which a look that was not told of again is over: a browser that is closed tells nothing."""


class Pulse:
    """Calls `beat` again and again until it gives False.

    It goes on while the kernel computes, since nothing has to come from the browser for it.
    """

    def __init__(self, beat: Callable[[], bool]) -> None:
        self._beat = beat
        self._views: dict[str, float] = {}
        self._changed = Event()
        self._thread: Thread | None = None

    def watch(self, view: str, seen: bool) -> None:
        """Note that a view is seen from now on, or not any more, and beat at once where it is."""
        if seen:
            self._views[view] = time.monotonic()
            self.now()
        else:
            self._views.pop(view, None)

    def now(self) -> None:
        """Beat at once, for the first time if need be."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._run, daemon=True)
            self._thread.start()
        else:
            self._changed.set()

    def pause(self) -> float:
        """Give the seconds until the next beat."""
        seen = [at for at in list(self._views.values()) if time.monotonic() < at + FORGOTTEN]
        return QUICK if seen else CALM

    def _run(self) -> None:
        while self._beat():
            self._changed.wait(self.pause())
            self._changed.clear()
