"""Where on the sky the rows of each table matter: what is asked of one spreads to those joined to it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from mocpy import MOC

from uraniborg_portal.adql.cover import Anchor, Near, around, common, spread
from uraniborg_portal.adql.models import Scan, Table

Positions = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
"""Longitudes and latitudes, degrees; NaN where there are none."""
PositionsOf = Callable[[str, Anchor], Positions | None]
"""Gives the positions in two columns of a table by its name, None where they are not at hand."""


def nowhere(table: str, anchor: Anchor) -> Positions | None:
    """Give no positions."""
    return None


def covers(
    scans: Sequence[Scan], positions_of: PositionsOf = nowhere, within: Mapping[str, MOC] | None = None
) -> dict[str, MOC | None]:
    """Give for each scan where the rows are that can matter, None for everywhere.

    Parameters
    ----------
    scans
        All scans of one query.
    positions_of
        Gives the positions of small tables, which came with the query.
    within
        Where else only rows of some scans matter.
    """
    tables = {scan.key: scan.table for scan in scans}
    known = {scan.key: scan.cover.as_moc() if scan.cover else None for scan in scans}
    for key, region in (within or {}).items():
        known[key] = common(known[key], region)
    spreading = [(scan.key, near) for scan in scans if scan.cover for near in scan.cover.near]
    # A round takes what is known one join further.
    for _ in scans if spreading else ():
        for key, near in spreading:
            other = near.anchor.scan
            known[key] = common(known[key], beside(near, tables[other], known[other], positions_of))
    return known


def beside(near: Near, table: Table, region: MOC | None, positions_of: PositionsOf) -> MOC | None:
    """Give where rows are that lie near those of a table, of which only those in a region matter."""
    anchor, where = near.anchor, table.position
    positions = positions_of(table.name, anchor)
    if positions is not None:
        return around(*positions, near.degrees)
    if where is None or (anchor.longitude, anchor.latitude) != (where.ra, where.dec):
        return None
    return spread(region, near.degrees)
