"""Adds files as a catalog or a version of one: plan, read, cut, write, publish; taken up again where it ended."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from uraniborg_portal.catalogs import declared, description, layout, positions, versions
from uraniborg_portal.catalogs.ingest import cut as cuts
from uraniborg_portal.catalogs.ingest import director, executors, finish, mapping, plan, sources
from uraniborg_portal.catalogs.ingest import work as works
from uraniborg_portal.catalogs.ingest.executors import Run
from uraniborg_portal.catalogs.ingest.finish import Aside, Progress
from uraniborg_portal.catalogs.ingest.plan import Plan
from uraniborg_portal.catalogs.ingest.sources import Origin
from uraniborg_portal.catalogs.ingest.work import Work
from uraniborg_portal.catalogs.install import exists_already, unwritable
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.catalogs.wishes import Manner, Wishes
from uraniborg_portal.errors import Conflict, PortalError

SMALL = 200 << 20
"""Bytes of sources that one process does sooner than several have started."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What an ingest is to make."""

    name: str
    """Of the catalog."""
    asked: tuple[str, ...]
    """The files as they were named; empty to resume."""
    planned: Callable[[tuple[Origin, ...], tuple[Path, ...]], Plan]
    """Gives the plan of sources, which are at these paths."""


@dataclass(frozen=True, kw_only=True)
class Steps:
    """Who hears of the progress; each does nothing by default."""

    found: Callable[[positions.Guess, tuple[str, ...]], None] = lambda guess, left_out: None
    """When the position columns are known; the columns that are left out."""
    progress: Progress = lambda stage, part: None
    aside: Callable[[list[Aside]], None] = lambda asides: None
    """When the sources are read: rows and files that are kept aside."""
    shared: Callable[[int, int], None] = lambda written, shards: None
    """When the shards are chosen, of an append: how many are written or gain a file, and how many there are."""


def add(
    files: tuple[Path | str, ...],
    wishes: Wishes,
    folder: Path,
    steps: Steps | None = None,
    manner: Manner | None = None,
) -> Catalog:
    """Install files as the catalog `wishes.name` below `folder`, and give its description.

    Readers see nothing of it before it is whole. What is killed is resumed with `manner.resume`: what was finished is
    not done again, and the shards are those of an ingest that nobody killed.

    Raises
    ------
    BadParameter
        A file can't be read, more rows than allowed can't be used, or no position columns are found; or rows don't say
        to which row of the catalog `wishes.of` they belong.
    Conflict
        The name is taken, another ingest of it is running, or one was interrupted; or no rows can belong to those of
        the catalog `wishes.of`.
    NotFound
        There is no catalog `wishes.of`.
    Unavailable
        The disk is full, or the folder can't be written.
    """
    steps, manner = steps or Steps(), manner or Manner()
    name, asked = wishes.name, tuple(map(str, files))
    if versions.numbers(folder, name) and not (manner.replace or manner.resume):
        raise exists_already(name)

    def planned(origins: tuple[Origin, ...], paths: tuple[Path, ...]) -> Plan:
        number = max(versions.numbers(folder, name), default=0) + 1
        to = director.opened(folder, wishes.of) if wishes.of else None
        made = plan.make(asked, origins, paths, _with_notes(wishes, origins), number, to)
        return replace(made, mark=manner.mark)

    return carried_out(Order(name=name, asked=asked, planned=planned), folder, steps, manner)


def carried_out(order: Order, folder: Path, steps: Steps, manner: Manner) -> Catalog:
    """Do what is ordered, or go on with what was interrupted, and give the catalog; fails like `add`."""
    name = order.name
    if manner.resume and not works.of(folder, name).plan.exists():
        raise Conflict(f"No ingest of {name!r} was interrupted.", "Add it without --resume.", field="name")
    try:
        with works.held(folder, name) as work:
            _prepare(order.asked, work, manner, name)
            try:
                catalog = _done(order, work, steps, manner)
            except (PortalError, OSError):
                if not _is_long(work):
                    works.leave(work)
                raise
            works.leave(work)
            return catalog
    except OSError as error:
        raise unwritable(error, folder, name, kept=works.of(folder, name).plan.exists()) from error


def _prepare(asked: tuple[str, ...], work: Work, manner: Manner, name: str) -> None:
    """Clear the work folder, unless what is in it is to be resumed."""
    if manner.resume:
        before = plan.load(work).asked
        if asked and asked != before:
            raise Conflict(
                f"The ingest of {name!r} that was interrupted is of other files: {', '.join(before)[:200]}.",
                "Name no files with --resume, or begin anew with --restart.",
            )
    elif _is_long(work) and not manner.restart:
        done = len(list(work.units.glob("*.json")))
        raise Conflict(
            f"An ingest of {name!r} was interrupted: {done} of {len(plan.load(work).parts)} parts were read.",
            "Go on with --resume, or begin anew with --restart.",
            field="name",
        )
    else:
        works.clear(work)


def _is_long(work: Work) -> bool:
    """Tell whether an ingest is worth to be kept for its resumption."""
    return work.plan.exists() and len(plan.load(work).parts) > 1


def _done(order: Order, work: Work, steps: Steps, manner: Manner) -> Catalog:
    folder, name = work.root.parent, order.name
    origins = plan.load(work).origins if manner.resume else sources.find(order.asked)
    with _executor(sum(max(0, each.size) for each in origins), manner) as run:
        if not work.plan.exists():
            paths = mapping.fetch(origins, work, run, steps.progress)
            plan.save(order.planned(origins, paths), work)
        planned = plan.load(work)
        _check_base(planned, folder)
        steps.found(planned.guess, planned.left_out)
        if not layout.version_folder(folder, name, planned.version).exists():
            catalog = _said_since(planned, _built(planned, work, run, steps, manner), work)
            _check_base(planned, folder)
            versions.place(work.version, folder, name, planned.version)
        else:
            catalog = description.read(layout.version_folder(folder, name, planned.version)).catalog
    if manner.publish:
        versions.publish(folder, name, planned.version)
        versions.prune(folder, name, manner.keep)
    return catalog


def _built(planned: Plan, work: Work, run: Run, steps: Steps, manner: Manner) -> Catalog:
    work.make()
    if not work.cut.exists():
        mapping.map_all(planned, work, run, steps.progress)
        asides = mapping.asides(planned, work, manner)
        steps.aside(asides)
        made = mapping.cut(planned, work, manner.most_anew)
        before = _base_folder(planned, work)
        if asides or (before and (before / layout.REJECTED).exists()):
            finish.reject(work, asides, before)
        cuts.save(made, work)
    made = cuts.load(work)
    if made.kept:
        steps.shared(len(made.cells) - len(made.kept.shards), len(made.cells))
    catalog = finish.build(work, run, steps.progress)
    if planned.mark:
        (work.version / layout.APPLIED).write_text(planned.mark, "utf-8")
    return catalog


def _base_folder(planned: Plan, work: Work) -> Path | None:
    if planned.base is None:
        return None
    return layout.version_folder(work.root.parent, planned.entry.name, planned.base.version)


def _check_base(planned: Plan, folder: Path) -> None:
    """Look whether rows are appended to what people see: another version may have been published meanwhile."""
    name, now = planned.entry.name, versions.current(folder, planned.entry.name)
    if planned.base and now not in (planned.base.version, planned.version):
        raise Conflict(
            f"Rows were being appended to version v{planned.base.version} of {name!r}, but v{now} is the current one.",
            "Begin anew with --restart.",
            field="name",
        )


def _said_since(planned: Plan, catalog: Catalog, work: Work) -> Catalog:
    """Give the description of a whole version, with what people said of the catalog while rows were appended."""
    before = _base_folder(planned, work)
    if before is None:
        return catalog
    said, stored = description.said_of(catalog, description.read(before).catalog), description.read(work.version)
    description.write(replace(stored, catalog=said), work.version)
    return said


def _with_notes(wishes: Wishes, origins: tuple[Origin, ...]) -> Wishes:
    """Give what the user says, and what notes beside the sources say where the user says nothing."""
    for origin in origins:
        notes = declared.notes_beside(origin.name)
        wishes = wishes if notes is None else declared.completed(wishes, notes)
    return wishes


@contextmanager
def _executor(size: int, manner: Manner) -> Iterator[Run]:
    workers = manner.workers or (1 if size < SMALL else os.cpu_count() or 1)
    if manner.dask:
        with executors.dask(manner.dask) as run:
            yield run
    elif workers > 1:
        with executors.processes(workers) as run:
            yield run
    else:
        yield executors.here
