"""What is said of a catalog beyond its rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from uraniborg_portal.catalogs.models import Director, Position, Readers, director_from_json, readers_from_json
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
    of: Director | None = None
    """The catalog to whose rows its own belong; None where they lie by themselves."""


def as_json(entry: Entry) -> dict[str, Any]:
    """Give an entry in plain values."""
    return asdict(entry)


def from_json(content: dict[str, Any]) -> Entry:
    """Give the entry of what `as_json` gave."""
    notes = {name: Note(**note) for name, note in content["notes"].items()}
    readers = readers_from_json(content.get("readers"))
    position, of = Position(**content["position"]), director_from_json(content.get("of"))
    return Entry(**content | {"notes": notes, "position": position, "readers": readers, "of": of})
