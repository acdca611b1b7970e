"""A job: one run of an instrument for one user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FINAL = frozenset({"done", "failed", "cancelled"})
"""States that a job never leaves; before, it is `queued`, then `running`, and `queued` again if its runner is lost."""

Said = tuple[str, dict[str, Any]]
"""Kind and data of something that a job says."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job as it stands."""

    id: str
    owner: str
    instrument: str
    parameters: dict[str, Any]
    """All of them, in the units of the instrument's schema."""
    key: str
    state: str = "queued"
    created: float
    """Unix seconds."""
    ended: float | None = None
    message: str = ""
    """Why it failed or was cancelled, in a sentence."""
    remedy: str = ""
    product: str | None = None
    runner: str | None = None
    """The replica that runs it."""
    attempt: int = 0
    """How often it was begun."""
    lost: int = 0
    """How often what ran it was lost."""
    events: int = 0
    """The number of its last event."""

    def state_event(self) -> dict[str, Any]:
        """Give what an event of kind `state` says."""
        return {"state": self.state, "message": self.message, "remedy": self.remedy, "product": self.product}

    def as_json(self) -> dict[str, Any]:
        """Give the job as the API shows it."""
        return {
            **self.state_event(),
            "id": self.id,
            "key": self.key,
            "instrument": self.instrument,
            "parameters": self.parameters,
            "created": self.created,
            "ended": self.ended,
            "url": f"api/jobs/{self.id}",
        }


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that a job said: `state`, `progress` or `log`."""

    number: int
    """From 1, without gaps."""
    kind: str
    data: dict[str, Any]

    @property
    def last(self) -> bool:
        """Tell whether nothing follows."""
        return self.kind == "state" and self.data["state"] in FINAL


@dataclass(frozen=True, kw_only=True)
class StoredProduct:
    """A product in the portal's files: immutable, known by an identifier that can't be guessed."""

    id: str
    key: str
    instrument: str
    title: str
    created: float
    """Unix seconds."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run of a job went: a final state, or `queued` where the job is to be run again."""

    state: str
    message: str = ""
    remedy: str = ""
    product: StoredProduct | None = None
    lost: bool = False
    """Whether what ran it was lost."""
