"""Stars that move: what a form asks when positions are wanted at another epoch; pure."""

from __future__ import annotations

import re

from uraniborg_portal.adql.words import delimited
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.queries.models import Center
from uraniborg_portal.resolver.models import J2000, moved

EARLIEST, LATEST = 1800.0, 2200.0
"""Julian years between which straight motion on the sky is good enough."""
MOVED = re.compile(r"^(ra|dec)_j(\d{4})(?:_(\d+))?$")


def check_epoch(catalog: Catalog, epoch: float) -> None:
    """Let pass an epoch to which this catalog's stars can be moved.

    Raises
    ------
    BadParameter
        The catalog has no epoch or no proper motions, or the year is too far away.
    """
    where = catalog.position
    if where.epoch is None or not where.pmra or not where.pmdec:
        raise BadParameter(f"The positions of {catalog.name} have no proper motions.", field="epoch")
    if not EARLIEST <= epoch <= LATEST:
        raise BadParameter(f"The epoch {epoch:.8g} is outside of {EARLIEST:g} to {LATEST:g}.", field="epoch")


def suffix(epoch: float) -> str:
    """Give the ending of moved columns: `_j2026`, `_j2015_5`."""
    return f"_j{epoch:.2f}".rstrip("0").rstrip(".").replace(".", "_")


def epoch_of(name: str) -> float | None:
    """Give the epoch that a moved column names, None for other columns."""
    found = MOVED.match(name)
    return float(f"{found[2]}.{found[3] or 0}") if found else None


def moved_point(catalog: Catalog, epoch: float, alias: str = "") -> str:
    """Give the ADQL of a star's position at `epoch`: the function that VO services share for it.

    `alias` is what the query calls the catalog, where it has other tables as well.
    """
    where, table = catalog.position, f"{alias}." if alias else ""
    ra, dec, pmra, pmdec = (table + delimited(name or "") for name in (where.ra, where.dec, where.pmra, where.pmdec))
    return f"ivo_epoch_prop_pos({ra}, {dec}, 0, {pmra}, {pmdec}, 0, {where.epoch!r}, {epoch!r})"


def center_at(center: Center, epoch: float | None) -> tuple[float, float]:
    """Give where a center is at an epoch; a center without proper motion stays."""
    if epoch is None or center.pmra is None or center.pmdec is None:
        return center.ra, center.dec
    return moved(center.ra, center.dec, center.pmra, center.pmdec, epoch - J2000)
