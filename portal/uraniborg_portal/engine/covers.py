"""Where on the sky the rows of each table matter: what is asked of one spreads to those joined to it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mocpy import MOC

from uraniborg_portal.adql.cover import Anchor, around, common, spread
from uraniborg_portal.adql.models import Scan, Table
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


@dataclass(frozen=True, kw_only=True)
class Link:
    """Rows of one scan matter only where those of another one are, or near there."""

    scan: str
    other: str
    degrees: float | None = None
    """How near; None: in the same HEALPix cell of order 29."""

    def reach(self, region: MOC | None) -> MOC | None:
        """Give where the rows are that matter, by where those of the other scan are."""
        return region if self.degrees is None else spread(region, self.degrees)


HomesOf = Callable[[Table, str], frozenset[str]]
"""Gives what `Described.homes` says of a column of a table."""


def links_of(scans: Sequence[Scan], homes_of: HomesOf) -> tuple[Link, ...]:
    """Give how the scans of a query are joined, as far as that says where their rows are.

    They are joined by position, or by identifiers that name rows of the same places.
    """
    tables = {scan.key: scan.table for scan in scans}
    found = [
        Link(scan=scan.key, other=near.anchor.scan, degrees=near.degrees)
        for scan in scans if scan.cover
        for near in scan.cover.near if tables[near.anchor.scan].is_placed_by(near.anchor)
    ]  # fmt: skip
    found += [
        Link(scan=scan.key, other=each.scan)
        for scan in scans if scan.cover
        for each in scan.cover.equal
        if homes_of(scan.table, each.column) & homes_of(tables[each.scan], each.other)
    ]  # fmt: skip
    return tuple(dict.fromkeys(found))


def spread_covers(known: Covers, links: Sequence[Link]) -> Covers:
    """Give the same with what is known of the tables that each is linked to."""
    found = dict(known)
    # A round takes what is known one join further, and is the last one where there was nothing to take.
    for _ in known:
        changed = False
        for link in links:
            narrower = common(found[link.scan], link.reach(found[link.other]))
            changed |= not is_same(narrower, found[link.scan])
            found[link.scan] = narrower
        if not changed:
            break
    return found


def is_same(one: MOC | None, other: MOC | None) -> bool:
    """Say whether two regions are one."""
    return one is other if one is None or other is None else bool(one == other)


def linked_with(scan: str, links: Sequence[Link]) -> set[str]:
    """Give the scans of which less is read where less is read of one: those that lie where it does, and it."""
    found = {scan}
    for _ in links:
        found |= {link.scan for link in links if link.other in found}
    return found
