"""What a user made last: results of queries and products of instruments."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

MOST = 8
"""Entries of the home page at most."""
COLUMNS = re.compile(r"^(SELECT)\b.+?\b(FROM)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Recent:
    """A result to go back to."""

    title: str
    kind: str
    path: str
    """Below the portal's prefix."""
    created: float
    """Unix seconds."""

    @property
    def when(self) -> str:
        """The time, UTC, to the minute."""
        return f"{datetime.fromtimestamp(self.created, UTC):%Y-%m-%d %H:%M} UTC"


def latest(entries: Iterable[Recent]) -> tuple[Recent, ...]:
    """Give the newest entries, the newest first."""
    return tuple(sorted(entries, key=lambda entry: -entry.created)[:MOST])


def one_line(adql: str, length: int = 90) -> str:
    """Give a query on one line: a long one without its list of columns, and cut with an ellipsis."""
    text = " ".join(adql.split())
    if len(text) > length:
        text = COLUMNS.sub(r"\1 … \2", text)
    return text if len(text) <= length else f"{text[: length - 1]}…"
