"""A job: one run of an instrument for one user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FINAL = frozenset({"done", "failed", "cancelled"})
"""States that a job never leaves; before them it is `queued`, then `running`."""


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
class StoredProduct:
    """A product on disk: immutable, known by an identifier that can't be guessed."""

    id: str
    key: str
    instrument: str
    title: str
    created: float
    """Unix seconds."""
