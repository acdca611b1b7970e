"""What is made before a step's SQL runs that joins by position: plain values, which a worker is told of.

A worker imports nothing else of the planner: it starts in a third of a second, and reads no more than it needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ROW, LEFT_ROW = "row", "left row"
"""The columns that number a table's own rows, and those of the table that they are near to."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """A table that is read into memory; its rows get numbers."""

    name: str
    sql: str


@dataclass(frozen=True, kw_only=True)
class Match:
    """A table of the rows of one side that are near those of another, with the numbers of both."""

    name: str
    left: str
    right: str
    left_position: tuple[str, str]
    """The columns of its longitude and latitude, degrees."""
    right_position: tuple[str, str]
    degrees: float
    """Every pair within this angle is found; a few that are a little farther apart may be, too."""


@dataclass(frozen=True, kw_only=True)
class Matching:
    """What is made before the SQL runs that joins by it."""

    sides: tuple[Side, ...] = ()
    matches: tuple[Match, ...] = ()


def matching_of(said: Mapping[str, Any]) -> Matching:
    """Give what `asdict` made of a matching."""
    matches = [
        Match(**(each | {key: tuple(each[key]) for key in ("left_position", "right_position")}))
        for each in said["matches"]
    ]
    return Matching(sides=tuple(Side(**each) for each in said["sides"]), matches=tuple(matches))
