"""Adds files as a catalog: read, find the positions, describe, install."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from uraniborg_portal.catalogs import layout, names, positions, read
from uraniborg_portal.catalogs.install import Entry, exists_already, install
from uraniborg_portal.catalogs.models import Catalog, Position, Readers
from uraniborg_portal.catalogs.readers.source import Source
from uraniborg_portal.catalogs.statistics import Note
from uraniborg_portal.catalogs.write import MARGIN_ARCSEC

IDENTIFIER_NAMES = ("source_id", "objectid", "object_id", "objid", "id", "name", "designation", "hip", "main_id")
"""Column names that mean an identifier, where no UCD says which column is one."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the user says about a catalog; None and empty leave it to the files."""

    name: str
    ra: str | None = None
    """Column, and its unit behind a colon where it is not obvious: `positions.guess` reads it."""
    dec: str | None = None
    epoch: float | None = None
    """Julian year of the positions."""
    title: str = ""
    description: str = ""
    licence: str = ""
    citation: str = ""
    margin_arcsec: float = MARGIN_ARCSEC
    readers: Readers | None = None
    """Who may read it; None: everyone whom the portal lets read."""

    def __post_init__(self) -> None:
        names.check(self.name)


@dataclass(frozen=True, kw_only=True)
class Steps:
    """Who hears of the progress; each does nothing by default."""

    reading: Callable[[Path], None] = lambda path: None
    """Before a file is read."""
    found: Callable[[positions.Guess, tuple[str, ...]], None] = lambda guess, left_out: None
    """When the position columns are known; the columns that are left out."""
    writing: Callable[[float], None] = lambda fraction: None
    """While shards are written: the part that is done."""


def add(files: tuple[Path, ...], wishes: Wishes, folder: Path, steps: Steps | None = None) -> Catalog:
    """Install files as the catalog `wishes.name` below `folder`.

    Raises
    ------
    BadParameter
        A file can't be read, or no position columns are found.
    Conflict
        The name is taken.
    Unavailable
        The disk is full, or the folder can't be written; nothing is left behind.
    """
    steps = steps or Steps()
    if layout.version_folder(folder, wishes.name, 1).exists():
        raise exists_already(wishes.name)
    source = read.read_files(files, steps.reading)
    guess = positions.guess(source.table, source.notes, wishes.ra, wishes.dec)
    steps.found(guess, source.left_out)
    table = positions.to_degrees(source.table, guess)
    return install(table, describe(source, guess, wishes), folder, steps.writing)


def describe(source: Source, guess: positions.Guess, wishes: Wishes) -> Entry:
    """Say what a catalog is, from the file and from the user."""
    motion = positions.motion(source.table.column_names, source.notes)
    position = Position(
        ra=guess.ra,
        dec=guess.dec,
        epoch=wishes.epoch if wishes.epoch is not None else source.epoch,
        pmra=motion.pmra if motion else None,
        pmdec=motion.pmdec if motion else None,
    )
    return Entry(
        name=wishes.name,
        title=wishes.title or wishes.name,
        position=position,
        description=wishes.description or source.description,
        licence=wishes.licence,
        citation=wishes.citation,
        identifier=_identifier(source),
        readers=wishes.readers,
        notes=_with_position(source.notes, guess),
        margin_arcsec=wishes.margin_arcsec,
    )


def _with_position(notes: dict[str, Note], guess: positions.Guess) -> dict[str, Note]:
    said = dict(notes)
    for name, ucd in ((guess.ra, "pos.eq.ra;meta.main"), (guess.dec, "pos.eq.dec;meta.main")):
        note = notes.get(name, Note())
        said[name] = replace(note, unit="deg", ucd=ucd)
    return said


def _identifier(source: Source) -> str | None:
    columns = source.table.column_names
    for name in columns:
        if (source.notes.get(name, Note()).ucd or "").lower() == "meta.id;meta.main":
            return str(name)
    lower = {name.lower(): name for name in reversed(columns)}
    return next((str(lower[name]) for name in IDENTIFIER_NAMES if name in lower), None)
