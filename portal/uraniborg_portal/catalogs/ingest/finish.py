"""The last stages: the metadata of the version, its description, its rejected rows; then it takes its place."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from uraniborg_portal.catalogs import description, id_index, layout, shard, skymap, statistics, write, zones
from uraniborg_portal.catalogs.hard_links import share
from uraniborg_portal.catalogs.ingest import cut as cuts
from uraniborg_portal.catalogs.ingest import pieces, shards
from uraniborg_portal.catalogs.ingest.base import summary_of
from uraniborg_portal.catalogs.ingest.cut import Cut
from uraniborg_portal.catalogs.ingest.executors import Run
from uraniborg_portal.catalogs.ingest.shards import Written
from uraniborg_portal.catalogs.ingest.work import Work
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.catalogs.statistics import Summary

Progress = Callable[[str, float], None]
"""Hears the name of the stage that is under way, and which part of it is done, 0 to 1."""
SHARDS, INDEXING = "Writing shards", "Indexing"


@dataclass(frozen=True, kw_only=True)
class Aside:
    """A row or a file that was kept aside, for the report."""

    source: str
    line: int
    reason: str
    row: str


def build(work: Work, run: Run, progress: Progress) -> Catalog:
    """Do what is left from the cut on: shards, index and metadata; the version is whole, and not yet published."""
    cut = cuts.load(work)
    _share(cut, work)
    shared, kept = (set(cut.kept.margins), set(cut.kept.shards)) if cut.kept else (set(), set())
    todo = [
        shards.Task(work=work.root, order=order, pixel=pixel, kept=(order, pixel) in kept)
        for order, pixel in cut.cells
        if (order, pixel) not in shared and not work.shard(order, pixel).exists()
    ]
    done = len(cut.cells) - len(todo)
    for number, _ in enumerate(run(shards.do, todo), done + 1):
        progress(SHARDS, number / len(cut.cells))
    _index(cut, work, run, progress)
    return _metadata(cut, work)


def reject(work: Work, asides: list[Aside], before: Path | None = None) -> None:
    """Write what was kept aside into the version (source, line, reason, row), behind that of the version before."""
    path, old = work.version / layout.REJECTED / "rows.csv", before and before / layout.REJECTED / "rows.csv"
    path.parent.mkdir(exist_ok=True)
    text = old.read_bytes().decode() if old and old.exists() else "source,line,reason,row\r\n"
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(text)
        writer = csv.writer(file)
        writer.writerows([each.source, each.line, each.reason, each.row] for each in asides)


def counts(cut: Cut, work: Work) -> shard.Indices:
    """Count the rows of all pieces in the cells of the sky map."""
    total = np.zeros(12 * 4**skymap.ORDER, np.int64)
    before = shards.before_of(cut, work)
    if before:
        total += skymap.read(before.collection.primary)
    for name in cut.pieces:
        total += skymap.counts(np.asarray(pieces.load(work.units / name)[layout.HEALPIX_COLUMN].to_numpy()))
    return total


def _index(cut: Cut, work: Work, run: Run, progress: Progress) -> None:
    before = _before(cut, work)
    zones.join(_made(shards.zones_of, cut, work), work.version, before)
    runs = _made(shards.identifiers_of, cut, work)
    indexed = before is not None and (before.folder / layout.IDENTIFIERS).is_dir()
    if not indexed and not any(path.exists() for path in runs if path):
        return
    if cut.in_folders and before and indexed:
        parts = id_index.tasks(runs, id_index.extended(before, work.version))
    else:
        parts = id_index.tasks(runs, work.version / layout.IDENTIFIERS, before)
    for number, _ in enumerate(run(id_index.do, parts), 1):
        progress(INDEXING, number / len(parts))


def _made(place: Callable[[Work, shards.Task], Path], cut: Cut, work: Work) -> tuple[Path | None, ...]:
    """Give where something of each shard is, None for those that are kept."""
    kept = set(cut.kept.shards) if cut.kept else set()
    tasks = (
        shards.Task(work=work.root, order=order, pixel=pixel, kept=(order, pixel) in kept) for order, pixel in cut.cells
    )
    return tuple(None if task.kept else place(work, task) for task in tasks)


def _before(cut: Cut, work: Work) -> zones.Before | None:
    """Give the version whose shards are kept, and which numbers they have now."""
    before = shards.before_of(cut, work)
    if cut.kept is None or before is None:
        return None
    kept, now = {*cut.kept.shards, *(cut.kept.grown or ())}, {cell: number for number, cell in enumerate(cut.cells)}
    return zones.Before(
        folder=before.folder, numbers=np.array([now[cell] if cell in kept else -1 for cell in before.places])
    )


def _share(cut: Cut, work: Work) -> None:
    """Take over the files of the version before that stay."""
    before, tree = shards.before_of(cut, work), cut.tree(work)
    if cut.kept is None or before is None:
        return
    margins = set(cut.kept.margins)
    for cell in (*cut.kept.shards, *(cut.kept.grown or ())):
        shard = before.shards[before.places[cell]]
        place = layout.partition(*cell, tree.suffix)
        _link(shard.files, tree.primary / place, cut)
        if cut.in_folders or cell in margins:
            _link(shard.margin_files, tree.margin / place, cut)


def _link(files: tuple[Path, ...], place: Path, cut: Cut) -> None:
    """Share the files of a shard, of which there is one where shards are no folders."""
    for number, source in enumerate(files):
        target = shards.file_of(place, cut, number)
        target.parent.mkdir(parents=True, exist_ok=True)
        share(source, target)


def _shards(cut: Cut, work: Work) -> list[tuple[int, int, Written]]:
    """Give what all shards of the version hold, what is kept of them included."""
    before = shards.before_of(cut, work)
    known = {(order, pixel): (rows, around) for order, pixel, rows, around in before.stored.shards} if before else {}
    shared, kept = (set(cut.kept.margins), set(cut.kept.shards)) if cut.kept else (set(), set())
    found = []
    for cell in cut.cells:
        rows, around = known.get(cell, (0, 0))
        if cell in shared:
            written = Written(rows=rows, margin_rows=around, summaries={})
        else:
            written = shards.written(work, *cell)
            if cut.in_folders:
                written = replace(written, rows=rows + written.rows, margin_rows=around + written.margin_rows)
            elif cell in kept:
                written = replace(written, rows=rows)
        found.append((*cell, written))
    return found


def _parts(cut: Cut, work: Work) -> tuple[int, ...] | None:
    """Give how many files each shard has in its folder."""
    before = shards.before_of(cut, work)
    if not cut.in_folders or before is None or cut.kept is None:
        return None
    grown = set(cut.kept.grown or ())
    olds = ((cell, before.shard(cell)) for cell in cut.cells)
    return tuple(len(old.files) + (cell in grown) if old else 1 for cell, old in olds)


def _summaries(cut: Cut, work: Work, found: list[tuple[int, int, Written]]) -> dict[str, Summary]:
    """Give what the values of each column are, in the version before and in the rows that were added."""
    before = shards.before_of(cut, work)
    old = [{column.name: summary_of(column) for column in before.catalog.columns}] if before else []
    parts = [*old, *(each.summaries for _, _, each in found if each.summaries)]
    return {name: statistics.joined([part[name] for part in parts]) for name in cut.columns}


def _stamp(cut: Cut, work: Work, found: list[Written]) -> str:
    """Give what tells where which identifiers are; empty where rows of the version before are not told so."""
    before = shards.before_of(cut, work)
    parts = [each.digest for each in found if each.digest]
    if not parts or (before and not before.catalog.stamp):
        return ""
    return hashlib.sha256(" ".join([before.catalog.stamp if before else "", *parts]).encode()).hexdigest()


def _holds(cut: Cut, work: Work) -> tuple[str, ...]:
    """Give the stamps of the versions whose rows are all in this one."""
    before = shards.before_of(cut, work)
    return (*before.catalog.holds, before.catalog.stamp) if before and before.catalog.stamp else ()


def _metadata(cut: Cut, work: Work) -> Catalog:
    entry, tree, schema = cut.entry, cut.tree(work), cut.schema
    found = _shards(cut, work)
    write.primary(
        tree, schema, [(order, pixel, each.rows) for order, pixel, each in found], entry.position, counts(cut, work)
    )
    around = [(order, pixel, each.margin_rows) for order, pixel, each in found if each.margin_rows]
    if around:
        write.margin(tree, schema, around, entry.position)
    write.collection(tree, has_margin=bool(around))
    catalog = Catalog(
        name=entry.name,
        title=entry.title,
        description=entry.description,
        columns=statistics.described(schema.remove(len(schema) - 1), _summaries(cut, work, found), entry.notes),
        position=entry.position,
        rows=sum(each.rows for _, _, each in found),
        rows_without_position=cut.rows_without_position,
        licence=entry.licence,
        citation=entry.citation,
        readers=entry.readers,
        identifier=entry.identifier,
        version=str(cut.version),
        stamp=_stamp(cut, work, [each for _, _, each in found]),
        holds=_holds(cut, work),
        unique=id_index.is_unique(work.version),
        of=entry.of,
    )
    numbers = tuple((order, pixel, each.rows, each.margin_rows) for order, pixel, each in found)
    stored = description.Stored(
        catalog=catalog,
        collection=".",
        shards=numbers,
        margin_arcsec=entry.margin_arcsec,
        rows_per_shard=entry.rows_per_shard,
        parts=_parts(cut, work),
    )
    description.write(stored, work.version)
    return catalog
