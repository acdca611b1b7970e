"""A query that runs while nobody waits: a job of UWS 1.1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from uraniborg_portal.tap.params import UploadRequest, upload_value, uploads

Phase = Literal["PENDING", "QUEUED", "EXECUTING", "COMPLETED", "ERROR", "ABORTED"]
"""The phases that a job here can be in (UWS 1.1, section 2.1.3)."""

PHASES: tuple[Phase, ...] = get_args(Phase)

KNOWN_PHASES = (*PHASES, "HELD", "SUSPENDED", "ARCHIVED", "UNKNOWN")
"""All of the standard's: a list may be asked for any of them."""

ACTIVE = frozenset({"PENDING", "QUEUED", "EXECUTING"})
"""Phases that a job will leave, so that one can wait for it."""

Parameters = tuple[tuple[str, str], ...]
"""Names, in upper case, and values, as they were given."""


def tables_of(parameters: Parameters) -> tuple[UploadRequest, ...]:
    """Give the tables that parameters name."""
    return uploads(";".join(value for name, value in parameters if name == "UPLOAD"))


@dataclass(frozen=True, kw_only=True)
class TapJob:
    """A job as it stands; times are Unix seconds."""

    id: str
    owner: str | None
    """Who made it; None for nobody: then whoever has the id, which can't be guessed, may do all with it."""
    phase: Phase = "PENDING"
    parameters: Parameters
    portal: str = ""
    """Absolute URL of the portal as who made it reached it, with a slash at its end: for addresses in its result."""
    created: float
    started: float | None = None
    ended: float | None = None
    destruction: float
    """When it is removed, with its result."""
    seconds: float
    """How long the query may run."""
    message: str = ""
    """Why it failed."""
    remedy: str = ""
    media_type: str | None = None
    """Of the result; None while there is none."""
    extension: str = ""
    """Of a file that holds the result."""
    bytes: int = 0
    """Size of the result."""
    rows: int = 0
    overflow: bool = False
    """Whether there are more rows than the limit let through."""
    steps_done: int = 0
    """Steps of the query that are done, as long as it runs."""
    steps: int = 0
    """Steps that it has; 0 as long as that is not known, or where it is answered in one."""
    uploaded: int = 0
    """Bytes of the tables that came with it, as they were sent, replaced ones included."""
    runner: str | None = None
    """The replica that runs it."""
    attempt: int = 0
    """How often it was begun."""
    lost: int = 0
    """How often what ran it was lost."""

    @property
    def taken(self) -> float:
        """How long a query took that has ended, seconds; 0 for others."""
        return max(0.0, self.ended - self.started) if self.ended and self.started else 0.0

    def with_parameters(self, given: Parameters) -> Parameters:
        """Give the parameters with those that are given in place of the known ones of their name.

        Tables add up; one of a known name takes the other's place.

        Raises
        ------
        BadParameter
            There are more tables than a query may have.
        """
        names = {name for name, _ in given}
        kept = [pair for pair in self.parameters if pair[0] not in names or pair[0] == "UPLOAD"]
        tables = {each.key: each for pairs in (self.parameters, given) for each in tables_of(pairs)}
        others = [pair for pair in (*kept, *given) if pair[0] != "UPLOAD"]
        value = upload_value(tables.values())
        uploads(value)
        return (*others, ("UPLOAD", value)) if value else tuple(others)

    def parameter(self, name: str) -> str | None:
        """Give the value of a parameter, None where it has none."""
        return next((value for known, value in self.parameters if known == name), None)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A result that was written to the portal's files."""

    media_type: str
    extension: str
    bytes: int
    rows: int
    overflow: bool


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run ended: COMPLETED, ERROR, or QUEUED where it is to be run again."""

    phase: Phase
    message: str = ""
    remedy: str = ""
    kept: Kept | None = None
    lost: bool = False
    """Whether what ran it was lost."""
