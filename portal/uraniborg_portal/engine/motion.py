"""What a reader of a result should know of epochs and proper motions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from uraniborg_portal.adql.bind_geometry import fastest
from uraniborg_portal.adql.models import BoundQuery
from uraniborg_portal.catalogs.models import Catalog

MATTERS = 0.01
"""Motion is mentioned from this part of a cone's radius on."""


def epoch_of(bound: BoundQuery, catalogs: Mapping[str, Catalog]) -> float | None:
    """Give the epoch of the positions in a result: that of every catalog whose stored position it shows, if one."""
    tables = {scan.key: scan.table.name.lower() for scan in bound.scans}
    epochs = set()
    for origin in bound.origins:
        catalog = catalogs.get(tables[origin[0]]) if origin else None
        if catalog and origin and origin[1] in (catalog.position.ra, catalog.position.dec):
            epochs.add(catalog.position.epoch)
    return epochs.pop() if len(epochs) == 1 else None


def moves_stars(adql: str) -> bool:
    """Say whether a query moves the stars itself, so that nobody has to be told that they moved."""
    return "ivo_epoch_prop" in adql.lower()


def motion_notes(bound: BoundQuery, catalogs: Mapping[str, Catalog], now: datetime | None = None) -> tuple[str, ...]:
    """Give sentences on cones from which stars could have moved since the catalog's epoch."""
    year = julian_year(now or datetime.now(UTC))
    notes = []
    for scan in bound.scans:
        catalog = catalogs.get(scan.table.name.lower())
        radii = [cone[2] for cone in scan.cover.cones] if scan.cover else []
        if catalog and radii:
            notes += motion_note(catalog, min(radii), year)
    return tuple(dict.fromkeys(notes))


def motion_note(catalog: Catalog, radius: float, year: float) -> list[str]:
    """Give the sentence on one cone, none where motion does not matter."""
    where = catalog.position
    if where.epoch is None or where.pmra is None:
        return []
    speed = fastest(catalog.columns, where)
    moved = speed * abs(year - where.epoch) / 3_600_000
    if not math.isfinite(moved) or moved < MATTERS * radius:
        return []
    return [
        f"Positions in {catalog.name} are of J{where.epoch:g}. By J{year:.1f} a star can have moved up to "
        f"{angle(moved)}; the cone's radius is {angle(radius)}. Give an epoch to move the stars (in ADQL: "
        "ivo_epoch_prop_pos)."
    ]


def julian_year(when: datetime) -> float:
    """Give a moment as Julian year."""
    return 2000 + (when - datetime(2000, 1, 1, 12, tzinfo=UTC)).total_seconds() / (365.25 * 86400)


def angle(degrees: float) -> str:
    """Give an angle in the unit that reads best."""
    for unit, size in (("deg", 1), ("arcmin", 60), ("arcsec", 3600)):
        if degrees * size >= 1 or unit == "arcsec":
            return f"{degrees * size:.3g} {unit}"
    return f"{degrees:g} deg"
