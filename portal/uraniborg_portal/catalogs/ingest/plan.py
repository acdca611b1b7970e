"""What an ingest was asked for, and the units in which it does it: written first, and never changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from uraniborg_portal.catalogs import entry as entries
from uraniborg_portal.catalogs import layout, positions, read
from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.ingest import base as bases
from uraniborg_portal.catalogs.ingest import chunks, fitting, units, work
from uraniborg_portal.catalogs.ingest import director as directors
from uraniborg_portal.catalogs.ingest.base import Base, Opened
from uraniborg_portal.catalogs.ingest.chunks import Span
from uraniborg_portal.catalogs.ingest.sources import Origin
from uraniborg_portal.catalogs.ingest.work import Work
from uraniborg_portal.catalogs.models import Catalog, Director, Position
from uraniborg_portal.catalogs.readers.source import Source
from uraniborg_portal.catalogs.statistics import Note
from uraniborg_portal.catalogs.wishes import Increment, Wishes
from uraniborg_portal.errors import BadParameter, PortalError

IDENTIFIER_NAMES = ("source_id", "objectid", "object_id", "objid", "id", "name", "designation", "hip", "main_id")
"""Column names that mean an identifier, where no UCD says which column is one."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A unit: a part of a source."""

    source: int
    """Number of the source."""
    span: Span


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What was asked, and how it is done."""

    asked: tuple[str, ...]
    """The files as they were named."""
    origins: tuple[Origin, ...]
    paths: tuple[str, ...]
    """Where each origin is read: itself, or its copy."""
    kinds: tuple[str, ...]
    """The format of each."""
    parts: tuple[Part, ...]
    names: tuple[str, ...]
    """The columns of the catalog."""
    left_out: tuple[str, ...]
    guess: positions.Guess
    guessed: dict[str, str]
    """Types that columns of text probably have."""
    declared: dict[str, str]
    """Types that they must have."""
    entry: Entry
    version: int
    mark: str = ""
    """What the version is to be known by."""
    base: Base | None = None
    """The version to whose rows these are appended; None where they make a version of their own."""

    def task(self, number: int, root: Path) -> units.Task:
        """Give what is to be done for a unit."""
        part = self.parts[number]
        return units.Task(
            work=root,
            number=number,
            path=Path(self.paths[part.source]),
            kind=self.kinds[part.source],
            span=part.span,
            names=self.names,
            guess=self.guess,
            guessed=self.guessed,
            declared=self.declared,
            base=self.base,
            of=self.entry.of,
        )


def make(
    asked: tuple[str, ...],
    found: tuple[Origin, ...],
    paths: tuple[Path, ...],
    wishes: Wishes,
    version: int,
    director: Opened | None = None,
) -> Plan:
    """Look at the beginning of the sources, and decide; their rows belong to those of the director, if there is one.

    Raises
    ------
    BadParameter
        No source can be read, nothing looks like a position, or a column has the name of the HEALPix index; or rows
        don't say to which of the director they belong.
    """
    kinds = tuple(read.format_of(path) for path in paths)
    head = _head(paths, kinds)
    tidy = read.tidy(head)
    _without_index(tidy.table.column_names)
    source = replace(tidy, notes=_said(tidy.notes, wishes))
    names, declared = tuple(source.table.column_names), wishes.types
    if director:
        of = directors.chosen(director, wishes.of_column, list(names))
        entry = _entry_of_child(source, wishes, director.catalog, of)
        guess = directors.guess_of(of, entry.position)
        names, declared = (*names, guess.ra, guess.dec), declared | {of.column: directors.kind_of(director)}
    else:
        guess = positions.guess(source.table, source.notes, wishes.ra, wishes.dec)
        entry = _entry(source, guess, wishes)
    return Plan(
        asked=asked,
        origins=found,
        paths=tuple(map(str, paths)),
        kinds=kinds,
        parts=_parts(paths, kinds),
        names=names,
        left_out=source.left_out,
        guess=guess,
        guessed=_guessed(head),
        declared=declared,
        entry=entry,
        version=version,
    )


def appended(
    asked: tuple[str, ...],
    found: tuple[Origin, ...],
    paths: tuple[Path, ...],
    increment: Increment,
    before: Opened,
    director: Opened | None = None,
) -> Plan:
    """Look at the beginning of the sources of an append to a version, and decide; the version's number is the next one.

    The director is that of the version, as it is now.

    Raises
    ------
    BadParameter
        No source can be read, its columns are not the catalog's, or its positions are of another epoch.
    Conflict
        The catalog's files were written by another program, or the rows of the director are elsewhere by now.
    """
    base, position = bases.base_of(before, leave_out=increment.leave_out_unknown), before.catalog.position
    kinds = tuple(read.format_of(path) for path in paths)
    head = _head(paths, kinds)
    of, entry = before.catalog.of, bases.entry_of(before)
    source = fitting.arranged(read.tidy(head), base, (of.column,) if of else (position.ra, position.dec))
    said = {column.name: column.unit for column in before.catalog.columns}
    fitting.check_units(source, said, (position.ra, position.dec))
    if of and director:
        guess = directors.guess_of(of, position)
        entry = replace(entry, of=directors.followed(director, of, entry.name))
    else:
        guess = replace(_same_position(source, increment, position, found[0]), why="as the catalog has them")
    return Plan(
        asked=asked,
        origins=found,
        paths=tuple(map(str, paths)),
        kinds=kinds,
        parts=_parts(paths, kinds),
        names=tuple(base.columns),
        left_out=source.left_out,
        guess=guess,
        guessed=_guessed(head),
        # Positions may be texts of hours, minutes and seconds.
        declared={name: kind for name, kind in base.columns.items() if name not in (position.ra, position.dec)},
        entry=entry,
        version=base.version + 1,
        base=base,
    )


def _same_position(source: Source, increment: Increment, position: Position, first: Origin) -> positions.Guess:
    """Find the position of rows that are appended: in the columns of the catalog, and of its epoch."""
    if None not in (source.epoch, position.epoch) and source.epoch != position.epoch:
        raise BadParameter(
            f"The positions of {first.name} are of epoch {source.epoch}, those of the catalog of {position.epoch}.",
            "Bring them to the epoch of the catalog.",
        )
    guess = positions.guess(source.table, source.notes, increment.ra or position.ra, increment.dec or position.dec)
    if (guess.ra, guess.dec) != (position.ra, position.dec):
        raise BadParameter(
            f"The catalog's positions are in {position.ra!r} and {position.dec!r}.",
            f"Name its columns as the catalog does; with --ra and --dec say their units, as --ra {position.ra}:hours.",
        )
    return guess


def _without_index(names: list[str]) -> None:
    taken = [name for name in names if name.lower() == layout.HEALPIX_COLUMN]
    if taken:
        raise BadParameter(
            f"A column is named {taken[0]!r}: each catalog has its HEALPix index under this name.",
            "Rename it in the file, or leave it out.",
        )


_GUESSED = ("bool", "int64", "double", "string")


def save(plan: Plan, into: Work) -> None:
    """Write the plan."""
    work.record(into.plan, asdict(plan))


def load(of: Work) -> Plan:
    """Read the plan."""
    content: dict[str, Any] = work.read(of.plan)
    made = {
        "origins": tuple(Origin(**each) for each in content["origins"]),
        "parts": tuple(Part(source=each["source"], span=Span(**each["span"])) for each in content["parts"]),
        "guess": positions.Guess(**content["guess"]),
        "entry": entries.from_json(content["entry"]),
        "base": Base(**content["base"]) if content.get("base") else None,
    }
    lists = {name: tuple(content[name]) for name in ("asked", "paths", "kinds", "names", "left_out")}
    return Plan(**content | made | lists)


def _head(paths: tuple[Path, ...], kinds: tuple[str, ...]) -> Source:
    """Give the first rows of the first source that can be read; the others are counted as bad when they are read."""
    first: PortalError | None = None
    for path, kind in zip(paths, kinds, strict=True):
        try:
            with read.readable(path, kind):
                return chunks.head(path, kind)
        except PortalError as error:
            first = first or error
    raise first or AssertionError("there is a source")


def _parts(paths: tuple[Path, ...], kinds: tuple[str, ...]) -> tuple[Part, ...]:
    return tuple(
        Part(source=number, span=span) for number, path in enumerate(paths) for span in _spans(path, kinds[number])
    )


def _guessed(head: Source) -> dict[str, str]:
    return {field.name: str(field.type) for field in head.table.schema if str(field.type) in _GUESSED}


def _spans(path: Path, kind: str) -> tuple[Span, ...]:
    try:
        with read.readable(path, kind):
            return chunks.spans(path, kind)
    except PortalError:
        # It fails again when it is read, and is counted then.
        return (Span(),)


def _said(notes: dict[str, Note], wishes: Wishes) -> dict[str, Note]:
    """Give what the files say of columns, and over it what the user says."""
    said = dict(notes)
    for name, note in wishes.notes.items():
        words = {key: value for key, value in asdict(note).items() if value}
        said[name] = replace(notes.get(name, Note()), **words)
    return said


def _entry(source: Source, guess: positions.Guess, wishes: Wishes) -> Entry:
    motion = positions.motion(source.table.column_names, source.notes)
    position = Position(
        ra=guess.ra,
        dec=guess.dec,
        epoch=wishes.epoch if wishes.epoch is not None else source.epoch,
        pmra=motion.pmra if motion else None,
        pmdec=motion.pmdec if motion else None,
    )
    return replace(_entry_at(source, wishes, position), notes=_with_position(source.notes, guess))


def _entry_of_child(source: Source, wishes: Wishes, director: Catalog, of: Director) -> Entry:
    """Give what is said of a catalog whose rows belong to those of another one."""
    entry = _entry_at(source, wishes, directors.position_of(director))
    return replace(entry, of=of, notes=directors.with_positions(source.notes, director))


def _entry_at(source: Source, wishes: Wishes, position: Position) -> Entry:
    return Entry(
        name=wishes.name,
        title=wishes.title or wishes.name,
        position=position,
        description=wishes.description or source.description,
        licence=wishes.licence,
        citation=wishes.citation,
        readers=wishes.readers,
        identifier=wishes.identifier or _identifier(source),
        margin_arcsec=wishes.margin_arcsec,
        rows_per_shard=wishes.rows_per_shard,
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
