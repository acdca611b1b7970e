"""A catalog's description as JSON, stored beside its HATS tree, so that opening reads one small file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from uraniborg_portal.catalogs.layout import DESCRIPTION
from uraniborg_portal.catalogs.models import Catalog, Column, Origin, Position, director_from_json, readers_from_json
from uraniborg_portal.errors import Unavailable

FORMAT = 1
"""Number of this JSON's layout; a file of another number is refused, never guessed."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What `catalog.json` holds: the catalog, and where its shards are."""

    catalog: Catalog
    collection: str
    """Folder of the HATS collection or table: relative to the version's folder, or absolute for one used in place."""
    shards: tuple[tuple[int, int, int, int], ...]
    """Order, pixel, rows, margin rows of each shard, in HEALPix order."""
    margin_arcsec: float | None = None
    """Width of the margins as it was asked for, arcseconds; None where that is not known."""
    rows_per_shard: int | None = None
    """A shard with more rows is split in four; None where that is not known."""
    parts: tuple[int, ...] | None = None
    """How many Parquet files each shard has in its folder; None where a shard is one file, or we did not write it."""
    origin: Origin | None = None
    """Where the shards come from, while `collection` has the metadata; None where they are in `collection`."""


def said_of(catalog: Catalog, other: Catalog) -> Catalog:
    """Give a catalog with what people say of another one, which `CatalogRegistry` lets them change."""
    return replace(
        catalog,
        title=other.title,
        description=other.description,
        licence=other.licence,
        citation=other.citation,
        readers=other.readers,
    )


def write(stored: Stored, folder: Path) -> None:
    """Write the description into the version's folder; a reader finds the old or the new one, never a part."""
    content = {"format": FORMAT, **asdict(stored)}
    incoming = folder / f".{DESCRIPTION}"
    incoming.write_text(json.dumps(content, indent=1, ensure_ascii=False), "utf-8")
    incoming.replace(folder / DESCRIPTION)


def read(folder: Path) -> Stored:
    """Read the description from the version's folder.

    Raises
    ------
    Unavailable
        The file is missing, damaged, or of another layout.
    """
    path = folder / DESCRIPTION
    try:
        content = json.loads(path.read_text("utf-8"))
        if content.pop("format") != FORMAT:
            raise ValueError("it was written by another version of Uraniborg")
        return _stored(content)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unavailable(
            f"The catalog description {path} can't be used: {error}.",
            f"Remove the catalog with `uraniborg catalog remove {folder.parent.name}` and add it again.",
        ) from error


def _stored(content: dict[str, Any]) -> Stored:
    catalog = content["catalog"]
    catalog["columns"] = tuple(Column(**column) for column in catalog["columns"])
    catalog["position"] = Position(**catalog["position"])
    catalog["readers"] = readers_from_json(catalog.get("readers"))
    catalog["holds"] = tuple(catalog.get("holds", ()))
    catalog["of"] = director_from_json(catalog.get("of"))
    shards = tuple((order, pixel, rows, margin) for order, pixel, rows, margin in content["shards"])
    return Stored(
        catalog=Catalog(**catalog),
        collection=content["collection"],
        shards=shards,
        margin_arcsec=content.get("margin_arcsec"),
        rows_per_shard=content.get("rows_per_shard"),
        parts=tuple(content["parts"]) if content.get("parts") else None,
        origin=Origin(**content["origin"]) if content.get("origin") else None,
    )
