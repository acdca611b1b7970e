"""One start of a lab: which stages it has reached and when, what is wrong with it, and its record."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from uraniborg_hub.kubernetes.failure import Facts, Failure, Object
from uraniborg_hub.kubernetes.metrics import durations
from uraniborg_hub.kubernetes.stages import STAGES, Stage, up_to
from uraniborg_hub.kubernetes.stages import stage as stage_named
from uraniborg_hub.kubernetes.watch import moment

EVENTS = 30
"""Events that a record keeps, the last ones."""


@dataclass(kw_only=True, eq=False)
class Start:
    """What the hub sees of one start. Its time runs from the request."""

    clock: Callable[[], float] = time.monotonic
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: str = field(default_factory=lambda: token_hex(8))
    """No other start has it."""
    uid: str = ""
    """The pod that this start made; others of the same name are not it."""
    created: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the pod is made."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the pod or its events have changed."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, and replaced by a new one, whenever `report` has changed."""
    marks: dict[str, float] = field(default_factory=dict)
    """Seconds at which stages were reached."""
    problem: Failure | None = None
    """What keeps the start from getting on now, or has ended it."""
    since: float = 0.0
    """Seconds at which that problem appeared."""
    over: bool = False
    facts: Facts | None = None
    """The last that was known of the pod."""

    def __post_init__(self) -> None:
        self._zero = self.clock()

    @property
    def seconds(self) -> float:
        """Seconds since the request."""
        return self.clock() - self._zero

    @property
    def reached(self) -> str:
        """The name of the last stage that was reached; empty before the first."""
        return max(self.marks, key=lambda name: stage_named(name).progress, default="")

    def mark(self, name: str) -> None:
        """Note that a stage, and all before it, are reached now."""
        fresh = [each for each in up_to(name) if each not in self.marks]
        if fresh:
            self.marks.update(dict.fromkeys(fresh, self.seconds))
            self._tell()

    def trouble(self, failure: Failure | None) -> None:
        """Note what is wrong now; the same trouble keeps the time at which it appeared."""
        if (failure and failure.code) != (self.problem and self.problem.code):
            self.problem, self.since = failure, self.seconds
            self._tell()

    def end(self, failure: Failure | None) -> None:
        """Note that the start is over, with or without success."""
        self.problem, self.over = failure, True
        self._tell()

    def report(self) -> dict[str, Any]:
        """Give what the user's page shows now: an event of JupyterHub's progress stream."""
        last = stage_named(self.reached) if self.marks else None
        doing = last.after if last else Stage.FIRST
        words = f"Now {doing} …" if doing else (last.done if last else "")
        waits = self.problem and not self.over
        return {
            "progress": last.progress if last else 0,
            "message": f"{self.problem.sentence} Still trying." if self.problem and waits else words,
            "stages": [
                {"name": each.name, "words": each.done, "seconds": round(self.marks[each.name], 2)}
                for each in STAGES
                if each.name in self.marks
            ],
        }

    def record(self) -> dict[str, Any]:
        """Give all that is worth keeping, as JSON: stages, the pod's machine and image, failure, last events."""
        facts = self.facts
        pod: Object = facts.pod if facts else {}
        failure = self.problem if self.over else None
        return {
            "began": self.began.isoformat(timespec="seconds"),
            "pod": (pod.get("metadata") or {}).get("name", ""),
            "uid": self.uid,
            "node": (pod.get("spec") or {}).get("nodeName", ""),
            "image": facts.image if facts else "",
            "image_id": facts.lab.get("imageID", "") if facts else "",
            "seconds": {name: round(seconds, 3) for name, seconds in durations(self.marks).items()},
            "outcome": failure.code if failure else "ready" if "answering" in self.marks else "unfinished",
            "words": failure.text if failure else "",
            "details": list(failure.details) if failure else [],
            "events": told(facts.events if facts else ()),
        }

    def _tell(self) -> None:
        news, self.news = self.news, asyncio.Event()
        news.set()


def told(events: Sequence[Object]) -> list[str]:
    """Give the last events as lines."""
    return [
        f"{moment(event)} {event.get('reason')}: {str(event.get('message'))[:500]}"
        + (f" (x{event['count']})" if (event.get("count") or 1) > 1 else "")
        for event in events[-EVENTS:]
    ]
