"""Rows that are asked for by identifiers: in which cells they are, by the indexes of identifiers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mocpy import MOC

from uraniborg_portal.adql.cover import common, of_ranges
from uraniborg_portal.adql.models import Scan
from uraniborg_portal.engine.covers import Covers, Link
from uraniborg_portal.engine.reading import Stored, holding
from uraniborg_portal.errors import NotFound, Unavailable


def with_named(scans: Sequence[Scan], known: Covers, links: Sequence[Link], stored: Callable[[str], Stored]) -> Covers:
    """Give where rows matter, also by the identifiers that a query names, where that says more than the index itself.

    That is of rows that belong to others, which have no index by those, and of rows to which others are linked.
    """
    linked = {link.other for link in links}
    found = dict(known)
    for scan in scans:
        if scan.cover and scan.cover.limits and not scan.table.in_memory:
            for region in cells(scan, stored, own=scan.key in linked):
                found[scan.key] = common(found[scan.key], region)
    return found


def cells(scan: Scan, stored: Callable[[str], Stored], *, own: bool) -> Iterator[MOC]:
    """Give the cells of the shards that hold what a scan names: by its `own` identifier, and by its director's."""
    where = stored(scan.table.name)
    if own and where.catalog.identifier:
        yield from held(scan, where.catalog.identifier, where)
    of = where.catalog.of
    if of:
        try:
            director = stored(of.catalog)
        except (NotFound, Unavailable):
            # It is gone, or not for who asks: the query is not about it.
            return
        if where.catalog.homes(of.column) & director.catalog.homes(of.identifier):
            yield from held(scan, of.column, director)


def held(scan: Scan, column: str, stored: Stored) -> Iterator[MOC]:
    """Give the cells of a catalog's shards with the rows that values of a scan's column name, if that is known."""
    numbers = holding(scan, column, stored)
    if numbers is not None:
        shards = stored.shards
        yield of_ranges([(int(shards.starts[at]), int(shards.ends[at])) for at in numbers])
