"""What is said of a catalog beyond its rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from uraniborg_portal.catalogs.models import Position, Readers, readers_from_json
from uraniborg_portal.catalogs.statistics import Note

ROWS_PER_SHARD = 1_000_000
"""A cell with more rows is split in four."""
MARGIN_ARCSEC = 10.0
"""Width of the margin where the caller names none, arcseconds."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is said of a catalog beyond its rows, and how it is laid out."""

    name: str
    title: str
    position: Position
    description: str = ""
    licence: str = ""
    citation: str = ""
    identifier: str | None = None
    readers: Readers | None = None
    """Who may read it; None: everyone whom the portal lets read."""
    notes: dict[str, Note] = field(default_factory=dict)
    """Unit, UCD and description of columns, by column name."""
    margin_arcsec: float = MARGIN_ARCSEC
    rows_per_shard: int = ROWS_PER_SHARD


def as_json(entry: Entry) -> dict[str, Any]:
    """Give an entry in plain values."""
    return asdict(entry)


def from_json(content: dict[str, Any]) -> Entry:
    """Give the entry of what `as_json` gave."""
    notes = {name: Note(**note) for name, note in content["notes"].items()}
    readers = readers_from_json(content.get("readers"))
    return Entry(**content | {"notes": notes, "position": Position(**content["position"]), "readers": readers})
