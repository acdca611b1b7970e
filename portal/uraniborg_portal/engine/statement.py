"""What a worker is asked: SQL, and what is made before it runs, or a program in its place; plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from uraniborg_portal.engine.fetching import Fetching, fetching_of
from uraniborg_portal.engine.joining import Joining, joining_of
from uraniborg_portal.engine.matching import Matching, matching_of
from uraniborg_portal.engine.selecting import Selecting, selecting_of


@dataclass(frozen=True, kw_only=True)
class Statement:
    """SQL, with the tables that it names, or what is done in its place."""

    sql: str
    """Empty where rows are selected without a database."""
    fetching: Fetching = field(default_factory=Fetching)
    """What is read of files before."""
    matching: Matching = field(default_factory=Matching)
    """What is made of that before, or of files."""
    selecting: Selecting | None = None
    """Which rows of the only table that is read are the answer, where no database is asked."""
    joining: Joining | None = None
    """What is joined without the database, which is asked by the SQL only on pairs that are in doubt."""

    def as_json(self) -> dict[str, Any]:
        """Give it as `statement_of` takes it."""
        return {
            "sql": self.sql, "fetching": self.fetching.as_json(), "matching": asdict(self.matching),
            "selecting": self.selecting and self.selecting.as_json(),
            "joining": self.joining and self.joining.as_json(),
        }  # fmt: skip


def statement_of(said: Mapping[str, Any]) -> Statement:
    """Give the statement that `as_json` gave, also where it was written as JSON and read."""
    return Statement(
        sql=said["sql"], fetching=fetching_of(said["fetching"]), matching=matching_of(said["matching"]),
        selecting=selecting_of(said["selecting"]),
        joining=joining_of(said["joining"]),
    )  # fmt: skip
