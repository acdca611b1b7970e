"""Writes a catalog whose shards have several files anew, as another version: that of a whole ingest, byte for byte."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from uraniborg_portal.catalogs import description, layout, versions
from uraniborg_portal.catalogs.ingest import base as bases
from uraniborg_portal.catalogs.ingest import cut as cuts
from uraniborg_portal.catalogs.ingest import executors, finish, refine
from uraniborg_portal.catalogs.ingest import work as works
from uraniborg_portal.catalogs.ingest.base import Opened
from uraniborg_portal.catalogs.ingest.cut import Cut
from uraniborg_portal.catalogs.ingest.finish import Progress
from uraniborg_portal.catalogs.ingest.work import Work
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.shards import Shards
from uraniborg_portal.errors import Conflict, Unavailable


def is_compact(shards: Shards) -> bool:
    """Tell whether the shards of a catalog are files, to none of which rows were appended in others."""
    return shards.parts is None


def compact(name: str, folder: Path, progress: Progress = lambda stage, part: None) -> Catalog:
    """Write the current version of a catalog below `folder` anew, publish it, and give its description.

    It has the same rows; shards are split where they became too large. Nothing is done where it `is_compact`. What is
    killed goes on with the next call. Files are appended meanwhile as always: then their version is the current one,
    and nothing is published.

    Raises
    ------
    Conflict
        Another compaction of the catalog is running, another version was published meanwhile, or an ingest is running
        or was interrupted.
    NotFound
        There is no such catalog.
    Unavailable
        The disk is full, the folder can't be written, or the version was removed meanwhile.
    """
    name = CatalogRegistry(folder).known(name)
    before = bases.opened(folder, name, versions.current(folder, name) or 0)
    if is_compact(before.shards):
        return before.catalog
    if works.of(folder, name).plan.exists():
        raise _ingest_comes_first(name)
    try:
        with works.compacting(folder, name) as work:
            _prepare(work, before)
            finish.build(work, executors.here, progress)
            try:
                return _published(work, before)
            finally:
                works.leave(work)
    except OSError as error:
        remedy = "Its rows are as they were. Free some space, or check the rights, and compact it again."
        raise Unavailable(f"{name!r} can't be compacted: {error.strerror or error}.", remedy) from error


def _prepare(work: Work, before: Opened) -> None:
    """Choose the shards, unless a compaction of this version has begun and can go on."""
    begun = cuts.load(work).kept if work.cut.exists() and work.version.is_dir() else None
    if begun and begun.version == before.version:
        return
    works.clear(work)
    work.make()
    rejected = before.folder / layout.REJECTED
    if rejected.exists():
        shutil.copytree(rejected, work.version / layout.REJECTED)
    entry = bases.entry_of(before)
    made = refine.refined(before, (), entry, before.catalog.rows)
    cut = Cut(
        entry=entry,
        version=before.version + 1,
        columns=bases.base_of(before, leave_out=False).columns,
        pieces=(),
        cells=made.cells,
        rows_without_position=before.catalog.rows_without_position,
        kept=made.kept,
    )
    cuts.save(cut, work)


def _published(work: Work, before: Opened) -> Catalog:
    """Give the version its place, unless what people see is not what it was made of any more."""
    folder, name = work.root.parent, before.catalog.name
    with works.held(folder, name) as ingest:
        if ingest.plan.exists():
            raise _ingest_comes_first(name)
        try:
            if versions.current(folder, name) != before.version:
                raise Conflict(
                    f"Version v{before.version} of {name!r} was compacted, and is not the current one any more.",
                    "Nothing was published: compact it again.",
                    field="name",
                )
            catalog = _described(work, before, max(versions.numbers(folder, name)) + 1)
            versions.place(work.version, folder, name, int(catalog.version))
            versions.publish(folder, name, int(catalog.version))
        finally:
            works.leave(ingest)
    return catalog


def _described(work: Work, before: Opened, number: int) -> Catalog:
    """Say of the version in the making what is said of the one before now, and whose rows it has."""
    applied = before.folder / layout.APPLIED
    rows = versions.rows_of(work.root.parent, before.catalog.name, before.version)
    if applied.is_file():
        shutil.copyfile(applied, work.version / layout.APPLIED)
    (work.version / layout.COMPACTED).write_text(f"{layout.VERSION_PREFIX}{rows}\n", "utf-8")
    now, stored = description.read(before.folder).catalog, description.read(work.version)
    catalog = replace(description.said_of(stored.catalog, now), version=str(number))
    description.write(replace(stored, catalog=catalog), work.version)
    return catalog


def _ingest_comes_first(name: str) -> Conflict:
    return Conflict(
        f"An ingest of {name!r} is running or was interrupted.",
        f"Wait for its end, or go on with it: uraniborg catalog append {name} --resume",
        field="name",
    )
