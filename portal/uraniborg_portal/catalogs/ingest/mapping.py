"""The first stages: sources are fetched, planned and mapped, unit by unit, and the catalog is cut into shards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from uraniborg_portal.catalogs import layout
from uraniborg_portal.catalogs.ingest import base as bases
from uraniborg_portal.catalogs.ingest import cut as cuts
from uraniborg_portal.catalogs.ingest import director, pieces, refine, sources, types, units
from uraniborg_portal.catalogs.ingest.cut import Cut
from uraniborg_portal.catalogs.ingest.executors import Run
from uraniborg_portal.catalogs.ingest.finish import Aside, Progress
from uraniborg_portal.catalogs.ingest.plan import Plan
from uraniborg_portal.catalogs.ingest.sources import Origin
from uraniborg_portal.catalogs.ingest.units import Mapped
from uraniborg_portal.catalogs.ingest.work import Work
from uraniborg_portal.catalogs.wishes import Manner
from uraniborg_portal.errors import BadParameter, Conflict

SHARD_BYTES = 512 << 20
"""Most bytes of a shard in memory, about; three times as many are needed to sort it."""
FETCHING, READING = "Fetching", "Reading"


def fetch(origins: tuple[Origin, ...], work: Work, run: Run, progress: Progress) -> tuple[Path, ...]:
    """Copy the remote sources into the work folder, and give where each source is."""
    paths = [work.fetched / f"{number:06}-{_file_name(each)}" for number, each in enumerate(origins)]
    tasks = [sources.Task(origin=each, path=path) for each, path in zip(origins, paths, strict=True) if each.remote]
    if tasks:
        work.fetched.mkdir(parents=True, exist_ok=True)
    for number, _ in enumerate(run(sources.fetch, tasks), 1):
        progress(FETCHING, number / len(tasks))
    return tuple(path if each.remote else Path(each.name) for each, path in zip(origins, paths, strict=True))


def map_all(planned: Plan, work: Work, run: Run, progress: Progress) -> None:
    """Map the units that have no record yet, or failed; then once more those whose numbers are texts in others.

    Raises
    ------
    Conflict
        A source is not what it was when the ingest began.
    BadParameter
        A column is text in one file and no text in another, and the files are no text themselves.
    """
    every = range(len(planned.parts))
    # What failed may have failed for a while only.
    todo = [each for each in every if not work.unit(each).exists() or units.mapped(work, each).failed]
    _unchanged(planned, {planned.parts[number].source for number in todo})
    if planned.entry.of and todo:
        director.prepare(planned.entry.of, work, run, progress)
    _map(planned, todo, work, run, progress)
    kinds = joined_types(planned, work)
    again: dict[int, list[str]] = {}
    for number in range(len(planned.parts)):
        found = units.mapped(work, number).types
        texts = [name for name, kind in found.items() if types.written_again(kind, kinds[name])]
        if texts:
            again[number] = texts
    _only_text(planned, again)
    words = {name for texts in again.values() for name in texts} - {planned.guess.ra, planned.guess.dec}
    whole = replace(planned, declared=planned.declared | dict.fromkeys(words, "string"))
    _map(whole, sorted(again), work, run, progress)


def joined_types(planned: Plan, work: Work) -> dict[str, str]:
    """Give the type of each column that holds the values of all units, and those of the catalog they are added to."""
    if planned.base:
        return planned.base.columns
    found = [units.mapped(work, number).types for number in range(len(planned.parts))]
    return {name: types.joined(each[name] for each in found if each) for name in planned.names}


def cut(planned: Plan, work: Work, most_anew: int) -> Cut:
    """Choose the shards, now that all units are mapped; an append writes shards of at most `most_anew` rows anew.

    Raises
    ------
    BadParameter
        No row has a position.
    """
    found = _good(planned, work)
    names = tuple(name for each in found for name in each.pieces)
    index = (np.asarray(pieces.load(work.units / name)[layout.HEALPIX_COLUMN].to_numpy()) for name in names)
    total = cuts.added([cuts.counted(each) for each in index])
    if not len(total.cells):
        raise _nothing(planned, found)
    kinds, without = joined_types(planned, work), sum(each.without_position for each in found)
    if planned.base:
        before = bases.opened(work.root.parent, planned.entry.name, planned.base.version)
        made = refine.refined(before, tuple(work.units / name for name in names), planned.entry, most_anew)
        return Cut(
            entry=planned.entry,
            version=planned.version,
            columns=planned.base.columns,
            pieces=names,
            cells=made.cells,
            rows_without_position=before.catalog.rows_without_position + without,
            kept=made.kept,
        )
    entry = replace(planned.entry, rows_per_shard=_rows_per_shard(planned.entry.rows_per_shard, work, names))
    return Cut(
        entry=entry,
        version=planned.version,
        columns={name: types.stored(kind) for name, kind in kinds.items()},
        pieces=names,
        cells=cuts.cells(total, entry, work, names),
        rows_without_position=without,
    )


def asides(planned: Plan, work: Work, manner: Manner) -> list[Aside]:
    """Give the rows and files that are kept aside.

    Raises
    ------
    BadParameter
        They are more than allowed.
    """
    bad = _bad_sources(planned, work)
    if len(bad) > manner.max_bad_files:
        allowed = f" {manner.max_bad_files} such files may be kept aside." if manner.max_bad_files else ""
        raise BadParameter(next(iter(bad.values())) + allowed, "Mend it, or allow more with --max-bad-files.")
    good = [number for number, part in enumerate(planned.parts) if part.source not in bad]
    found = {number: units.mapped(work, number) for number in good}
    rows = sum(each.rejected for each in found.values())
    if rows > manner.max_bad:
        number = next(number for number, each in found.items() if each.rejected)
        name = planned.origins[planned.parts[number].source].name
        raise BadParameter(
            f"{rows:,} rows can't be used, {manner.max_bad:,} may be kept aside; the first is in {name}, "
            f"{found[number].first_reason}.",
            "Mend them, or allow more with --max-bad.",
        )
    whole = [Aside(source=planned.origins[each].name, line=0, reason=why, row="") for each, why in bad.items()]
    return [*whole, *(aside for number in good for aside in _rejected(planned, number, work))]


def _rows_per_shard(wanted: int, work: Work, names: tuple[str, ...]) -> int:
    """Give how many rows a shard may have, so that it can be sorted in memory."""
    first = next(piece for piece in (pieces.load(work.units / name) for name in names) if piece.num_rows)
    return max(1, min(wanted, int(SHARD_BYTES * first.num_rows / first.nbytes)))


def _rejected(planned: Plan, number: int, work: Work) -> Iterator[Aside]:
    name = planned.origins[planned.parts[number].source].name
    with units.rejected_of(work, number).open(encoding="utf-8") as file:
        for line in file:
            yield Aside(source=name, **json.loads(line))


def _bad_sources(planned: Plan, work: Work) -> dict[int, str]:
    """Give why sources can't be had; all of a source is kept aside where a part of it can't be read."""
    bad: dict[int, str] = {}
    for number, part in enumerate(planned.parts):
        failed = units.mapped(work, number).failed
        if failed:
            bad.setdefault(part.source, failed)
    return bad


def _good(planned: Plan, work: Work) -> list[Mapped]:
    bad = _bad_sources(planned, work)
    return [units.mapped(work, number) for number, part in enumerate(planned.parts) if part.source not in bad]


def _map(planned: Plan, numbers: list[int], work: Work, run: Run, progress: Progress) -> None:
    tasks = [planned.task(number, work.root) for number in numbers]
    done = len(planned.parts) - len(tasks)
    for number, _ in enumerate(run(units.do, tasks), done + 1):
        progress(READING, number / len(planned.parts))


def _unchanged(planned: Plan, needed: set[int]) -> None:
    for number in sorted(needed):
        origin = planned.origins[number]
        if not origin.remote and sources.look(origin.name) != origin:
            raise Conflict(f"{origin.name} was changed since the ingest began.", "Begin anew with --restart.")


def _only_text(planned: Plan, again: dict[int, list[str]]) -> None:
    for number, texts in again.items():
        source = planned.parts[number].source
        if planned.kinds[source] != "CSV":
            raise BadParameter(
                f"The files beginning with {planned.origins[0].name} can't be joined: {texts[0]!r} is text in one, and "
                f"none in {planned.origins[source].name}.",
                "Make the types of their columns agree.",
            )


def _nothing(planned: Plan, found: list[Mapped]) -> BadParameter:
    reason = next((each.first_reason for each in found if each.first_reason), "")
    return BadParameter(
        f"No row has a position in the columns {planned.guess.ra!r} and {planned.guess.dec!r}"
        + (f"; {reason}." if reason else "."),
        "Name the position columns with --ra and --dec.",
    )


def _file_name(origin: Origin) -> str:
    return origin.name.partition("?")[0].rstrip("/").rpartition("/")[2] or "file"
