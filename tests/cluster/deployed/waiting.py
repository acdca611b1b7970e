"""Waiting for a condition, with a deadline; and an address that is asked all the time while something breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

LOOK_SECONDS = 0.1
TROUBLE = (httpx.HTTPError, OSError, AssertionError)
"""What a question that can't be answered now ends with."""


def until(holds: Callable[[], object], seconds: float, what: str) -> float:
    """Give the seconds until a condition holds; a question that fails says no.

    Raises
    ------
    AssertionError
        It does not hold in time; says what was waited for, and the last trouble.
    """
    began, trouble, pause = time.monotonic(), "", threading.Event()
    while time.monotonic() - began < seconds:
        try:
            if holds():
                return time.monotonic() - began
        except TROUBLE as error:
            trouble = f": {error!r}"
        pause.wait(LOOK_SECONDS)
    raise AssertionError(f"{what} not within {seconds:g} s{trouble}")


@dataclass(kw_only=True)
class Probe:
    """What an address answered while it was asked again and again."""

    good: list[float] = field(default_factory=list)
    """When it answered as it should."""
    bad: list[tuple[float, str]] = field(default_factory=list)
    """When it was asked and did not, and what it said."""

    @property
    def outage(self) -> float:
        """The seconds from its first bad answer to the first good one after its last bad one; 0 without any."""
        if not self.bad:
            return 0.0
        after = [moment for moment in self.good if moment > self.bad[-1][0]]
        return (after[0] if after else time.monotonic()) - self.bad[0][0]

    @property
    def said(self) -> set[str]:
        """The different bad answers."""
        return {text for _, text in self.bad}

    def look(self, ask: Callable[[], str]) -> None:
        """Ask once; an empty text is a good answer."""
        asked = time.monotonic()
        try:
            text = ask()
        except TROUBLE as error:
            text = type(error).__name__
        if text:
            self.bad.append((asked, text))
        else:
            self.good.append(time.monotonic())


@contextmanager
def probing(ask: Callable[[], str]) -> Iterator[Probe]:
    """Ask all the time, until the block ends; an empty text is a good answer."""
    probe, over = Probe(), threading.Event()

    def look() -> None:
        while not over.wait(LOOK_SECONDS):
            probe.look(ask)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield probe
    finally:
        over.set()
        thread.join(90)
