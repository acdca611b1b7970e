"""One unit of the sources: its rows with a position become sorted pieces, and what is wrong is kept aside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs import positions, read
from uraniborg_portal.catalogs.ingest import director, fitting, pieces, types
from uraniborg_portal.catalogs.ingest.base import Base
from uraniborg_portal.catalogs.ingest.chunks import Chunk, Reject, Span, chunks
from uraniborg_portal.catalogs.ingest.work import Work, record
from uraniborg_portal.catalogs.ingest.work import read as read_record
from uraniborg_portal.catalogs.models import Director
from uraniborg_portal.catalogs.shard import Indices
from uraniborg_portal.errors import BadParameter

BOUNDS = {"ra": (-360.0, 360.0), "dec": (-90.0, 90.0)}
"""What positions may be, degrees."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is to be read, and how."""

    work: Path
    number: int
    """Of the unit; units are numbered along the sources."""
    path: Path
    kind: str
    """As `read.format_of` says."""
    span: Span
    names: tuple[str, ...]
    """The columns that all sources have."""
    guess: positions.Guess
    guessed: dict[str, str] = field(default_factory=dict)
    """Types that text probably has."""
    declared: dict[str, str] = field(default_factory=dict)
    """Types that text must have."""
    base: Base | None = None
    """What the rows have to fit; None where they make a catalog of their own."""
    of: Director | None = None
    """To whose rows they belong; None where they have positions of their own."""


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """What the record of a unit says."""

    pieces: tuple[str, ...]
    types: dict[str, str]
    """The types of the columns in the pieces."""
    rows: int
    without_position: int
    """Rows whose position is not there."""
    rejected: int
    """Rows that are kept aside."""
    first_reason: str = ""
    """Line and reason of the first of them."""
    failed: str = ""
    """Why nothing of the source can be had."""


def do(task: Task) -> int:
    """Map a unit, and give its rows; its record comes last."""
    work = Work(root=task.work)
    try:
        with read.readable(task.path, task.kind):
            content = _mapped(task, work)
    except BadParameter as error:
        content = Mapped(pieces=(), types={}, rows=0, without_position=0, rejected=0, failed=error.message)
    record(work.unit(task.number), asdict(content))
    return content.rows


def mapped(work: Work, number: int) -> Mapped:
    """Read the record of a unit."""
    content = read_record(work.unit(number))
    return Mapped(**content | {"pieces": tuple(content["pieces"])})


def rejected_of(work: Work, number: int) -> Path:
    """Give where the rejected rows of a unit are: a JSON object a line, of `chunks.Reject`."""
    return work.units / f"{number:06}.rejected"


def _mapped(task: Task, work: Work) -> Mapped:
    names: list[str] = []
    kinds: list[dict[str, str]] = []
    rows = without = rejected = 0
    first = ""
    guessed, declared = _arrow(task.guessed), _arrow(task.declared)
    with rejected_of(work, task.number).open("w", encoding="utf-8") as aside:
        for chunk in chunks(task.path, task.kind, task.span, guessed, declared):
            found = _positioned(chunk, task)
            names.append(f"{task.number:06}-{len(names):04}.arrow")
            kept = found.kept
            if task.base:
                with _naming(task.path):
                    kept = fitting.fitted(kept, task.base)
            kinds.append({field.name: str(field.type) for field in kept.schema})
            pieces.save(pieces.sort(kept, task.guess.ra, task.guess.dec), work.units / names[-1])
            rows, without = rows + kept.num_rows, without + found.without
            rejected += len(found.rejects)
            for reject in found.rejects:
                first = first or f"line {reject.line}: {reject.reason}"
                aside.write(json.dumps(asdict(reject), ensure_ascii=False) + "\n")
    joined = {name: types.joined(kind[name] for kind in kinds) for name in task.names} if kinds else {}
    return Mapped(
        pieces=tuple(names), types=joined, rows=rows, without_position=without, rejected=rejected, first_reason=first
    )


def _arrow(names: dict[str, str]) -> dict[str, pa.DataType]:
    return {name: types.arrow(kind) for name, kind in names.items()}


@dataclass(frozen=True, kw_only=True)
class _Positioned:
    kept: pa.Table
    without: int
    rejects: tuple[Reject, ...]


def _positioned(chunk: Chunk, task: Task) -> _Positioned:
    """Sort out the rows that can be searched, with their position in degrees."""
    source = read.tidy(chunk.source)
    if task.base:
        with _naming(task.path):
            needed = (task.of.column,) if task.of else (task.guess.ra, task.guess.dec)
            source = fitting.arranged(source, task.base, needed)
    given = task.names[:-2] if task.of and not task.base else task.names
    if tuple(source.table.column_names) != given:
        raise BadParameter(
            f"{task.path} has other columns than the first file: files of one catalog have the same columns in one "
            "order.",
            "Add them as two catalogs.",
        )
    found = _of_director(source.table, task, task.of) if task.of else _in_degrees(source.table, task.guess)
    reasons = found.reasons | chunk.wrong
    for number in np.flatnonzero(found.absent):
        reasons.pop(int(number), None)
    bad = np.array(sorted(reasons), np.int64)
    keep = ~found.absent
    keep[bad] = False
    kept = found.table if keep.all() else found.table.filter(pa.array(keep))
    rejects = (*chunk.invalid, *_rejects(chunk, bad, reasons))
    ordered = tuple(sorted(rejects, key=lambda reject: reject.line))
    return _Positioned(kept=kept, without=int(found.absent.sum()), rejects=ordered)


@dataclass(frozen=True, kw_only=True)
class _Found:
    table: pa.Table
    """All rows, with positions in degrees."""
    absent: np.ndarray[tuple[int], np.dtype[np.bool_]]
    """Rows whose position is not there."""
    reasons: dict[int, str]
    """What is wrong with the positions of others, by number."""


def _of_director(table: pa.Table, task: Task, of: Director) -> _Found:
    position = (task.guess.ra, task.guess.dec)
    found = director.placed(table, of, task.declared[of.column], position, Work(root=task.work))
    return _Found(table=found.table, absent=np.zeros(table.num_rows, bool), reasons=found.reasons)


def _in_degrees(source: pa.Table, guess: positions.Guess) -> _Found:
    table = positions.to_degrees(source, guess)
    reasons: dict[int, str] = {}
    absent = np.zeros(table.num_rows, bool)
    for name, (least, most) in ((guess.ra, BOUNDS["ra"]), (guess.dec, BOUNDS["dec"])):
        values = _numbers(table[name])
        given = ~_missing(source[name])
        absent |= ~given
        for number in np.flatnonzero(given & ~((values >= least) & (values <= most))):
            word = source[name][int(number)].as_py()
            reasons.setdefault(int(number), f"{name!r} is {word!r}: degrees in {least:g}..{most:g} are accepted")
    return _Found(table=table, absent=absent, reasons=reasons)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Say which file can't be appended."""
    try:
        yield
    except BadParameter as error:
        raise BadParameter(f"{path} can't be appended. {error.message}", error.remedy) from error


def _rejects(chunk: Chunk, bad: Indices, reasons: dict[int, str]) -> Iterator[Reject]:
    if len(bad):
        for number, (line, row) in zip(bad.tolist(), chunk.places(bad), strict=True):
            yield Reject(line=line, reason=reasons[number], row=row)


def _numbers(values: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Give degrees, NaN where there is no number."""
    return np.asarray(pc.fill_null(values.cast(pa.float64()), float("nan")).to_numpy())


def _missing(values: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell where a source has no value: NULL, NaN, or an infinity, which some write for it."""
    absent = pc.is_null(values, nan_is_null=True)
    if pa.types.is_floating(values.type):
        absent = pc.or_(absent, pc.fill_null(pc.is_inf(values), True))
    return np.asarray(absent.to_numpy())
