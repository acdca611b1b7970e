"""What is read before a step's SQL runs that names it: plain values, which a worker is told of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NUMBER = "row number"
"""The column of the place of a row among those that were read."""


@dataclass(frozen=True, kw_only=True)
class Fetch:
    """Row groups of one catalog, as a table in memory."""

    name: str
    """What the SQL calls the table."""
    files: tuple[tuple[str, tuple[int, ...]], ...]
    """Paths, each with the numbers of its row groups that are read, rising; at least one path."""
    columns: tuple[str, ...]
    """Columns that are read of all rows."""
    index: str | None
    """The column of the HEALPix index by which rows are left out; None where all are kept."""
    ranges: tuple[tuple[int, int], ...]
    """Half-open ranges of the index, rising, that share nothing: rows outside of them are left out."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A column of an answer."""

    name: str
    source: str | None
    """The column of the catalog that it shows unchanged; None where the SQL gives it, in the order of such."""
    no_nan: bool
    """Whether NaN is NULL in it."""


@dataclass(frozen=True, kw_only=True)
class Fetching:
    """What is read before the SQL of a step runs, and what after."""

    tables: tuple[Fetch, ...] = ()
    shown: tuple[Shown, ...] = ()
    """The columns of the answer, where the SQL gives numbers of rows of the only table, last; else nothing."""

    def as_json(self) -> dict[str, Any]:
        """Give what `fetching_of` takes; of the columns, some hundred, no more than their values."""
        shown = [(each.name, each.source, each.no_nan) for each in self.shown]
        return {"tables": [vars(each) for each in self.tables], "shown": shown}


def fetching_of(said: Mapping[str, Any]) -> Fetching:
    """Give what `as_json` and JSON made of a fetching."""
    tables = tuple(fetch_from(each) for each in said["tables"])
    shown = tuple(Shown(name=name, source=source, no_nan=no_nan) for name, source, no_nan in said["shown"])
    return Fetching(tables=tables, shown=shown)


def fetch_from(said: Mapping[str, Any]) -> Fetch:
    """Give what `vars` and JSON made of a fetch."""
    return Fetch(
        name=said["name"], columns=tuple(said["columns"]), index=said["index"],
        files=tuple((path, tuple(numbers)) for path, numbers in said["files"]),
        ranges=tuple((low, high) for low, high in said["ranges"]),
    )  # fmt: skip
