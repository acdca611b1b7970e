"""Where on the sky the rows of each table matter: what is asked of one spreads to those joined to it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mocpy import MOC

from uraniborg_portal.adql.cover import Anchor, around, common, spread
from uraniborg_portal.adql.models import Scan
from uraniborg_portal.engine.positions import Positions

Covers = dict[str, MOC | None]
"""A region for each scan, by its key; None is the whole sky."""

PositionsOf = Callable[[str, Anchor], Positions | None]
"""Gives the positions in two columns of a table by its name, None where they are not at hand."""


def nowhere(table: str, anchor: Anchor) -> Positions | None:
    """Give no positions."""
    return None


def known_covers(scans: Sequence[Scan], positions_of: PositionsOf = nowhere) -> Covers:
    """Give for each scan of a query where the rows are that can matter, as far as the query says itself.

    Parameters
    ----------
    scans
        All scans of one query.
    positions_of
        Gives the positions of small tables, which came with the query: what is near them is known, too.
    """
    tables = {scan.key: scan.table for scan in scans}
    known: Covers = {}
    for scan in scans:
        known[scan.key] = scan.cover.as_moc() if scan.cover else None
        for near in scan.cover.near if scan.cover else ():
            positions = positions_of(tables[near.anchor.scan].name, near.anchor)
            if positions is not None:
                known[scan.key] = common(known[scan.key], around(*positions, near.degrees))
    return known


def spread_covers(scans: Sequence[Scan], known: Covers) -> Covers:
    """Give the same with what is known of the tables that each is joined to by position."""
    tables = {scan.key: scan.table for scan in scans}
    found = dict(known)
    spreading = [
        (scan.key, near)
        for scan in scans if scan.cover
        for near in scan.cover.near if tables[near.anchor.scan].is_placed_by(near.anchor)
    ]  # fmt: skip
    # A round takes what is known one join further.
    for _ in scans if spreading else ():
        for key, near in spreading:
            found[key] = common(found[key], spread(found[near.anchor.scan], near.degrees))
    return found
