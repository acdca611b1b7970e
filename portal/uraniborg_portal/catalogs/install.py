"""Puts a described table into the folder of catalogs: written beside, then renamed, so that it is whole or absent."""

from __future__ import annotations

import errno
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs import layout, versions
from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.ingest import cut as cuts
from uraniborg_portal.catalogs.ingest import executors, finish, pieces, types
from uraniborg_portal.catalogs.ingest import work as works
from uraniborg_portal.catalogs.ingest.cut import Cut
from uraniborg_portal.catalogs.ingest.finish import Progress
from uraniborg_portal.catalogs.ingest.work import Work
from uraniborg_portal.catalogs.models import Catalog, Position
from uraniborg_portal.errors import BadParameter, Conflict, Unavailable

STALE_SECONDS = 24 * 3600
"""After this time, a folder that is still being written is taken for abandoned."""


def install(table: pa.Table, entry: Entry, folder: Path, progress: Progress = lambda stage, part: None) -> Catalog:
    """Write version 1 of a catalog below `folder` and give its description.

    Rows without a position (null, NaN, infinite) are counted and left out.

    Raises
    ------
    BadParameter
        No row has a position, or a position is outside of the sphere.
    Conflict
        A catalog of this name is there already, or is being added.
    Unavailable
        The disk is full or the folder can't be written; nothing is left behind.
    """
    if versions.numbers(folder, entry.name):
        raise exists_already(entry.name)
    kept = table.filter(_positioned(table, entry.position))
    _check_range(kept, entry.position)
    try:
        with works.held(folder, entry.name) as work:
            try:
                return _installed(kept, entry, table.num_rows - kept.num_rows, work, progress)
            finally:
                works.leave(work)
    except OSError as error:
        raise unwritable(error, folder, entry.name) from error


def _installed(kept: pa.Table, entry: Entry, without: int, work: Work, progress: Progress) -> Catalog:
    works.clear(work)
    work.make()
    piece = pieces.sort(kept, entry.position.ra, entry.position.dec)
    pieces.save(piece, work.units / "000000.arrow")
    names = ("000000.arrow",)
    total = cuts.counted(np.asarray(piece[layout.HEALPIX_COLUMN].to_numpy()))
    columns = {field.name: types.joined([str(field.type)]) for field in kept.schema}
    cut = Cut(
        entry=entry,
        version=1,
        columns={name: types.stored(kind) for name, kind in columns.items()},
        pieces=names,
        cells=cuts.cells(total, entry, work, names),
        rows_without_position=without,
    )
    cuts.save(cut, work)
    catalog = finish.build(work, executors.here, progress)
    versions.place(work.version, work.root.parent, entry.name, 1)
    versions.publish(work.root.parent, entry.name, 1)
    return catalog


@contextmanager
def incoming(folder: Path, name: str, number: int = 1, *, restart: bool = False) -> Iterator[Path]:
    """Give an empty folder to write a version of `name` into; it takes its place when the block ends without error.

    Raises
    ------
    Conflict
        There is such a version, or an ingest of the catalog is running or was interrupted and is not to be forgotten.
    Unavailable
        The disk is full or the folder can't be written; nothing is left behind.
    """
    if layout.version_folder(folder, name, number).exists():
        raise exists_already(name)
    work: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        with works.held(folder, name) as held:
            if held.plan.exists() and not restart:
                remedy = "Go on with --resume, or forget it with --restart."
                raise Conflict(f"An ingest of {name!r} was interrupted.", remedy, field="name")
            works.clear(held)
            work = Path(tempfile.mkdtemp(prefix=f"{layout.INCOMING_PREFIX}{name}-", dir=folder))
            work.chmod(0o755)
            try:
                yield work
                versions.place(work, folder, name, number)
            finally:
                works.leave(held)
    except OSError as error:
        raise unwritable(error, folder, name) from error
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what a process that was killed left more than a day ago; an ingest's folder waits for its resumption."""
    for left in folder.glob(f"{layout.INCOMING_PREFIX}*-*"):
        if time.time() - left.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def exists_already(name: str) -> Conflict:
    """Give the error of adding a catalog whose name is taken."""
    return Conflict(
        f"A catalog named {name!r} is installed already.",
        f"Choose another name, add a version with --replace, or remove it: uraniborg catalog remove {name}",
        field="name",
    )


def unwritable(error: OSError, folder: Path, name: str, *, kept: bool = False) -> Conflict | Unavailable:
    """Give the error of a catalog that can't be written; `kept` says that what is finished waits for --resume."""
    if error.errno in (errno.EEXIST, errno.ENOTEMPTY):
        return exists_already(name)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        if kept:
            remedy = f"Free some space, then go on: uraniborg catalog add {name} --resume"
            return Unavailable(f"The disk of {folder} is full; what is finished of {name!r} is kept.", remedy)
        return Unavailable(f"The disk of {folder} is full; nothing of {name!r} was kept.", "Free some space.")
    remedy = "Check its rights, or set URANIBORG_HOME to another folder."
    return Unavailable(f"{folder} can't be written: {error.strerror or error}.", remedy)


def _positioned(table: pa.Table, position: Position) -> pa.ChunkedArray:
    finite = [pc.is_finite(table[name].cast(pa.float64())) for name in (position.ra, position.dec)]
    return pc.fill_null(pc.and_(*finite), False)


def _check_range(table: pa.Table, position: Position) -> None:
    if not table.num_rows:
        raise BadParameter(
            f"No row has a position in the columns {position.ra!r} and {position.dec!r}.",
            "Name the position columns with --ra and --dec.",
        )
    for name, least, most in ((position.ra, -360, 360), (position.dec, -90, 90)):
        found = pc.min_max(table[name].cast(pa.float64())).as_py()
        if found["min"] < least or found["max"] > most:
            raise BadParameter(
                f"{name!r} goes from {found['min']:g} to {found['max']:g}: degrees in {least}..{most} are accepted.",
                "Name the position columns, in degrees, with --ra and --dec.",
                field=name,
            )
