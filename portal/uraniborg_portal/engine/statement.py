"""What a worker is asked: SQL, and what is made before it runs; plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from uraniborg_portal.engine.fetching import Fetching, fetching_of
from uraniborg_portal.engine.matching import Matching, matching_of


@dataclass(frozen=True, kw_only=True)
class Statement:
    """SQL, with the tables that it names."""

    sql: str
    fetching: Fetching = field(default_factory=Fetching)
    """What is read of files before."""
    matching: Matching = field(default_factory=Matching)
    """What is made of that before, or of files."""

    def as_json(self) -> dict[str, Any]:
        """Give it as `statement_of` takes it."""
        return {"sql": self.sql, "fetching": self.fetching.as_json(), "matching": asdict(self.matching)}


def statement_of(said: Mapping[str, Any]) -> Statement:
    """Give the statement that `as_json` gave, also where it was written as JSON and read."""
    return Statement(sql=said["sql"], fetching=fetching_of(said["fetching"]), matching=matching_of(said["matching"]))
