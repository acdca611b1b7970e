"""Puts a described table into the folder of catalogs: written beside, then renamed, so that it is whole or absent."""

from __future__ import annotations

import errno
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs import description, layout, statistics, write
from uraniborg_portal.catalogs.models import Catalog, Position, Readers
from uraniborg_portal.errors import BadParameter, Conflict, Unavailable

STALE_SECONDS = 24 * 3600
"""After this time, a folder that is still being written is taken for abandoned."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is said of a catalog beyond its rows."""

    name: str
    title: str
    position: Position
    description: str = ""
    licence: str = ""
    citation: str = ""
    identifier: str | None = None
    readers: Readers | None = None
    """Who may read it; None: everyone whom the portal lets read."""
    notes: dict[str, statistics.Note] = field(default_factory=dict)
    """Unit, UCD and description of columns, by column name."""
    margin_arcsec: float = write.MARGIN_ARCSEC
    rows_per_shard: int = write.ROWS_PER_SHARD


def install(table: pa.Table, entry: Entry, folder: Path, done: write.Done = lambda fraction: None) -> Catalog:
    """Write version 1 of a catalog below `folder` and give its description.

    Rows without a position (null, NaN, infinite) are counted and left out.

    Raises
    ------
    BadParameter
        No row has a position, or a position is outside of the sphere.
    Conflict
        A catalog of this name is there already.
    Unavailable
        The disk is full or the folder can't be written; nothing is left behind.
    """
    kept = table.filter(_positioned(table, entry.position))
    _check_range(kept, entry.position)
    cut = write.plan(kept, entry.position, margin_arcsec=entry.margin_arcsec, rows_per_shard=entry.rows_per_shard)
    catalog = Catalog(
        name=entry.name,
        title=entry.title,
        description=entry.description,
        columns=statistics.columns(kept, entry.notes),
        position=entry.position,
        rows=kept.num_rows,
        rows_without_position=table.num_rows - kept.num_rows,
        licence=entry.licence,
        citation=entry.citation,
        identifier=entry.identifier,
        readers=entry.readers,
    )
    with incoming(folder, entry.name) as work:
        write.collection(cut, entry.position, entry.name, work, done)
        description.write(description.Stored(catalog=catalog, collection=".", shards=cut.summary), work)
    return catalog


@contextmanager
def incoming(folder: Path, name: str) -> Iterator[Path]:
    """Give an empty folder to write version 1 of `name` into; it takes its place when the block ends without error."""
    final = layout.version_folder(folder, name, 1)
    if final.exists():
        raise exists_already(name)
    work: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        work = Path(tempfile.mkdtemp(prefix=f"{layout.INCOMING_PREFIX}{name}-", dir=folder))
        work.chmod(0o755)
        yield work
        final.parent.mkdir(exist_ok=True)
        work.rename(final)
    except OSError as error:
        raise _unwritable(error, folder, name) from error
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what a process that was killed left more than a day ago."""
    for left in folder.glob(f"{layout.INCOMING_PREFIX}*"):
        if time.time() - left.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def exists_already(name: str) -> Conflict:
    """Give the error of adding a catalog whose name is taken."""
    return Conflict(
        f"A catalog named {name!r} is installed already.",
        f"Choose another name, or remove it first: uraniborg catalog remove {name}",
        field="name",
    )


def _unwritable(error: OSError, folder: Path, name: str) -> Conflict | Unavailable:
    if layout.version_folder(folder, name, 1).exists():
        return exists_already(name)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
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
