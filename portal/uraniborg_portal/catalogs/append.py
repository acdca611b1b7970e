"""Appends rows to a catalog: a new version that shares with the one before what gains no row."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from uraniborg_portal.catalogs import layout, versions
from uraniborg_portal.catalogs.add import Order, Steps, carried_out
from uraniborg_portal.catalogs.ingest import base as bases
from uraniborg_portal.catalogs.ingest import director, plan
from uraniborg_portal.catalogs.ingest.plan import Plan
from uraniborg_portal.catalogs.ingest.sources import Origin
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Increment, Manner


def append(
    files: tuple[Path | str, ...],
    increment: Increment,
    folder: Path,
    steps: Steps | None = None,
    manner: Manner | None = None,
) -> Catalog:
    """Append the rows of files to the current version of `increment.name` below `folder`, and give its description.

    Its shards are those of a catalog that was added from all files at once, the new ones last. Shards that gain no row
    are the same files as before. Readers see all new rows at once, or none. What is killed is resumed with
    `manner.resume`.

    Raises
    ------
    BadParameter
        A file can't be read or does not fit the columns of the catalog, or more rows than allowed can't be used.
    Conflict
        Another ingest of the catalog is running or was interrupted, its files were written by another program,
        another version was published meanwhile, or the rows to which its own belong are elsewhere by now.
    NotFound
        There is no such catalog.
    Unavailable
        The disk is full, or the folder can't be written.
    """
    steps, manner, asked = steps or Steps(), manner or Manner(), tuple(map(str, files))
    name = CatalogRegistry(folder).known(increment.name)

    def planned(origins: tuple[Origin, ...], paths: tuple[Path, ...]) -> Plan:
        before = bases.opened(folder, name, versions.current(folder, name) or 0)
        of = before.catalog.of
        to = director.opened(folder, of.catalog) if of else None
        made = plan.appended(asked, origins, paths, increment, before, to)
        # A declaration that was applied stays applied: to apply it again must not take the new rows away.
        mark = before.folder / layout.APPLIED
        said = mark.read_text("utf-8") if mark.is_file() else ""
        return replace(made, version=max(versions.numbers(folder, name)) + 1, mark=said)

    return carried_out(Order(name=name, asked=asked, planned=planned), folder, steps, manner)
