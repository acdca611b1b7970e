"""The last stages: the metadata of the version, its description, its rejected rows; then it takes its place."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from uraniborg_portal.catalogs import description, id_index, layout, shard, skymap, statistics, write, zones
from uraniborg_portal.catalogs.ingest import cut as cuts
from uraniborg_portal.catalogs.ingest import pieces, shards
from uraniborg_portal.catalogs.ingest.cut import Cut
from uraniborg_portal.catalogs.ingest.executors import Run
from uraniborg_portal.catalogs.ingest.work import Work
from uraniborg_portal.catalogs.models import Catalog

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
    todo = [
        shards.Task(work=work.root, order=order, pixel=pixel)
        for order, pixel in cut.cells
        if not work.shard(order, pixel).exists()
    ]
    done = len(cut.cells) - len(todo)
    for number, _ in enumerate(run(shards.do, todo), done + 1):
        progress(SHARDS, number / len(cut.cells))
    _index(cut, work, run, progress)
    return _metadata(cut, work)


def reject(work: Work, asides: list[Aside]) -> None:
    """Write what was kept aside into the version: source, line, reason, row."""
    folder = work.version / layout.REJECTED
    folder.mkdir(exist_ok=True)
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["source", "line", "reason", "row"])
        writer.writerows([each.source, each.line, each.reason, each.row] for each in asides)


def counts(cut: Cut, work: Work) -> shard.Indices:
    """Count the rows of all pieces in the cells of the sky map."""
    total = np.zeros(12 * 4**skymap.ORDER, np.int64)
    for name in cut.pieces:
        total += skymap.counts(np.asarray(pieces.load(work.units / name)[layout.HEALPIX_COLUMN].to_numpy()))
    return total


def _index(cut: Cut, work: Work, run: Run, progress: Progress) -> None:
    tasks = [shards.Task(work=work.root, order=order, pixel=pixel) for order, pixel in cut.cells]
    zones.join([shards.zones_of(work, task) for task in tasks], work.version)
    runs = tuple(shards.identifiers_of(work, task) for task in tasks)
    if not runs[0].exists():
        return
    parts = id_index.tasks(runs, work.version)
    for number, _ in enumerate(run(id_index.do, parts), 1):
        progress(INDEXING, number / len(parts))


def _metadata(cut: Cut, work: Work) -> Catalog:
    entry, tree, schema = cut.entry, cut.tree(work), cut.schema
    found = [(order, pixel, shards.written(work, order, pixel)) for order, pixel in cut.cells]
    write.primary(
        tree, schema, [(order, pixel, each.rows) for order, pixel, each in found], entry.position, counts(cut, work)
    )
    around = [(order, pixel, each.margin_rows) for order, pixel, each in found if each.margin_rows]
    if around:
        write.margin(tree, schema, around, entry.position)
    write.collection(tree, has_margin=bool(around))
    summaries = {name: statistics.joined([each.summaries[name] for _, _, each in found]) for name in cut.columns}
    catalog = Catalog(
        name=entry.name,
        title=entry.title,
        description=entry.description,
        columns=statistics.described(schema.remove(len(schema) - 1), summaries, entry.notes),
        position=entry.position,
        rows=sum(each.rows for _, _, each in found),
        rows_without_position=cut.rows_without_position,
        licence=entry.licence,
        citation=entry.citation,
        readers=entry.readers,
        identifier=entry.identifier,
        version=str(cut.version),
    )
    numbers = tuple((order, pixel, each.rows, each.margin_rows) for order, pixel, each in found)
    description.write(description.Stored(catalog=catalog, collection=".", shards=numbers), work.version)
    return catalog
