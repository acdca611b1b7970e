"""One thing that was checked: what was seen, and the fix when it is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The outcome of one check."""

    name: str
    state: Literal["ok", "note", "wrong"]
    """`note` is worth knowing and no fault: a mirror that is not set, a platform that does not run."""
    seen: str
    fix: str = ""
    """What to do; never empty when the state is `wrong`."""

    def __post_init__(self) -> None:
        if self.state == "wrong" and not self.fix:
            raise ValueError(f"the finding {self.name!r} is wrong and names no fix")


def ok(name: str, seen: str) -> Finding:
    """Give a finding with nothing wrong."""
    return Finding(name=name, state="ok", seen=seen)


def note(name: str, seen: str, fix: str = "") -> Finding:
    """Give a finding that is worth knowing."""
    return Finding(name=name, state="note", seen=seen, fix=fix)


def wrong(name: str, seen: str, fix: str) -> Finding:
    """Give a finding that needs the fix."""
    return Finding(name=name, state="wrong", seen=seen, fix=fix)
