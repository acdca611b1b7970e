"""The events of a job, in a file: what was said before is replayed, what comes is pushed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uraniborg_portal.instruments.job_models import FINAL

LINES = 5000
"""Events of one job at most; after them only its states are kept."""

LOOK = 1.0
"""Seconds after which a reader looks at the file again even when nothing was said in this process (another one may)."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened: `state`, `progress` or `log`."""

    number: int
    """From 1, without gaps."""
    kind: str
    data: dict[str, Any]

    @property
    def last(self) -> bool:
        """Tell whether nothing follows."""
        return self.kind == "state" and self.data["state"] in FINAL


class EventLog:
    """The events of one job."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.said = asyncio.Event()
        path.parent.mkdir(parents=True, exist_ok=True)
        self.count = len(self.read(0))

    def add(self, kind: str, data: dict[str, Any]) -> None:
        """Append an event and wake the readers."""
        if self.count >= LINES and kind != "state":
            return
        self.count += 1
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": kind, "data": data}) + "\n")
        self.said.set()
        self.said = asyncio.Event()

    def read(self, after: int) -> list[Event]:
        """Give the events after a number; a last line that is still being written waits for its end."""
        try:
            lines = self.path.read_text(encoding="utf-8").split("\n")[:-1]
        except FileNotFoundError:
            return []
        return [Event(number=after + count, **json.loads(line)) for count, line in enumerate(lines[after:], start=1)]

    async def follow(self, after: int) -> AsyncIterator[Event]:
        """Give the events after a number, those to come too; ends after the final state."""
        while True:
            said = self.said
            for event in self.read(after):
                after = event.number
                yield event
                if event.last:
                    return
            try:
                await asyncio.wait_for(said.wait(), LOOK)
            except TimeoutError:
                continue

    def lines(self) -> list[str]:
        """Give the lines of the log."""
        return [event.data["line"] for event in self.read(0) if event.kind == "log"]
