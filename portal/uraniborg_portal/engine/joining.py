"""A join of two catalogs by nothing but position, without a database: plain values, which a worker is told of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from uraniborg_portal.engine.fetching import Fetch, fetch_from

PAIR = "pair"
"""The name of the table of pairs on which the SQL decides, and of the column with their numbers."""


@dataclass(frozen=True, kw_only=True)
class JoinedSide:
    """One of the two catalogs."""

    fetch: Fetch
    """Row groups with its positions; rows outside of its ranges are part of no pair."""
    position: tuple[str, str]
    """The columns of its longitude and latitude, degrees."""
    named: tuple[str, str]
    """What the SQL calls these."""


@dataclass(frozen=True, kw_only=True)
class JoinedColumn:
    """A column of an answer."""

    name: str
    side: int
    """The place of its catalog among the sides."""
    source: str
    """The column of the catalog that it shows unchanged."""
    no_nan: bool
    """Whether NaN is NULL in it."""


@dataclass(frozen=True, kw_only=True)
class Joining:
    """Two catalogs whose rows within an angle of each other are the answer."""

    sides: tuple[JoinedSide, JoinedSide]
    """The first is read from its beginning to its end; of the second what is joined is in memory."""
    degrees: float
    columns: tuple[JoinedColumn, ...]
    most: int | None
    """Rows that are given at most."""

    def as_json(self) -> dict[str, Any]:
        """Give what `joining_of` takes."""
        return {
            "sides": [vars(side) | {"fetch": vars(side.fetch)} for side in self.sides],
            "degrees": self.degrees, "columns": [vars(each) for each in self.columns], "most": self.most,
        }  # fmt: skip


def joining_of(said: Mapping[str, Any] | None) -> Joining | None:
    """Give what `as_json` and JSON made of a joining."""
    if said is None:
        return None
    first, second = (
        JoinedSide(fetch=fetch_from(each["fetch"]), position=pair(each["position"]), named=pair(each["named"]))
        for each in said["sides"]
    )
    columns = tuple(JoinedColumn(**each) for each in said["columns"])
    return Joining(sides=(first, second), degrees=said["degrees"], columns=columns, most=said["most"])


def pair(said: list[str]) -> tuple[str, str]:
    """Give two names."""
    first, second = said
    return first, second
