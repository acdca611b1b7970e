"""One shard of the version in the making: its rows and its margin from all pieces, its zones, its identifiers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from uraniborg_portal.catalogs import id_index, layout, shard, statistics, write, zones
from uraniborg_portal.catalogs.ingest import base as bases
from uraniborg_portal.catalogs.ingest import cut as cuts
from uraniborg_portal.catalogs.ingest import pieces
from uraniborg_portal.catalogs.ingest.base import Opened
from uraniborg_portal.catalogs.ingest.cut import Cut
from uraniborg_portal.catalogs.ingest.work import Work, read, record
from uraniborg_portal.catalogs.statistics import Summary


@dataclass(frozen=True, kw_only=True)
class Task:
    """Which shard of which ingest is to be written."""

    work: Path
    order: int
    pixel: int
    kept: bool = False
    """Whether its rows are those of the version before, and only its margin is written."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """What the record of a shard says."""

    rows: int
    margin_rows: int
    summaries: dict[str, Summary]
    """Of every column but `_healpix_29`, in the rows that are of the pieces."""


def do(task: Task) -> int:
    """Write a shard with all that belongs to it, and give its rows; its record comes last."""
    work = Work(root=task.work)
    cut = cuts.load(work)
    tree, cell = cut.tree(work), shard.Cell(order=task.order, pixel=task.pixel, start=0, stop=0)
    place = layout.partition(task.order, task.pixel)
    loaded = [pieces.load(work.units / name) for name in cut.pieces]
    before = before_of(cut, work)
    around = shard.border(cell, cut.entry.margin_arcsec)
    beside = _gathered(loaded, around, cut.schema)
    if before:
        beside = _joined(before.around((task.order, task.pixel), around, cut.schema), beside)
    if beside.num_rows:
        write.rows(beside, tree.margin / place)
    if task.kept:
        record(work.shard(task.order, task.pixel), {"rows": 0, "margin_rows": beside.num_rows, "summaries": {}})
        return 0
    inside = np.array([cell.span])
    fresh = _gathered(loaded, inside, cut.schema)
    rows = _joined(before.within(inside, cut.schema), fresh) if before else fresh
    write.rows(rows, tree.primary / place)
    chosen = zones.columns_of(cut.schema, cut.entry.identifier, cut.entry.notes)
    zones.save(zones.of_shard(tree.primary / place, task.order, task.pixel, chosen), zones_of(work, task))
    if cut.entry.identifier and id_index.can_hold(cut.schema.field(cut.entry.identifier).type):
        id_index.save_run(rows[cut.entry.identifier], identifiers_of(work, task))
    names = [name for name in rows.column_names if name != layout.HEALPIX_COLUMN]
    summaries = {name: asdict(statistics.summary(fresh[name])) for name in names}
    content = {"rows": rows.num_rows, "margin_rows": beside.num_rows, "summaries": summaries}
    record(work.shard(task.order, task.pixel), content)
    return int(rows.num_rows)


def before_of(cut: Cut, work: Work) -> Opened | None:
    """Open the version to whose rows the pieces are appended; None where there is none."""
    return bases.opened(work.root.parent, cut.entry.name, cut.kept.version) if cut.kept else None


def written(work: Work, order: int, pixel: int) -> Written:
    """Read the record of a shard."""
    content = read(work.shard(order, pixel))
    summaries = {name: Summary(**found) for name, found in content["summaries"].items()}
    return Written(rows=content["rows"], margin_rows=content["margin_rows"], summaries=summaries)


def zones_of(work: Work, task: Task) -> Path:
    """Give where the zones of a shard are."""
    return work.shards / f"{task.order}-{task.pixel}.{layout.ZONES}"


def identifiers_of(work: Work, task: Task) -> Path:
    """Give where the sorted identifiers of a shard are."""
    return work.shards / f"{task.order}-{task.pixel}.ids.arrow"


def _joined(old: pa.Table, fresh: pa.Table) -> pa.Table:
    """Give rows of the version before and fresh ones, sorted; where equal, the fresh ones come last."""
    return pieces.by_index(pa.concat_tables([old, fresh]).combine_chunks())


def _gathered(loaded: list[pa.Table], ranges: shard.Indices, schema: pa.Schema) -> pa.Table:
    """Give the rows of all pieces in ranges of the index, sorted by it, then by source and row."""
    found = (pieces.within(piece, ranges) for piece in loaded)
    parts = [rows.cast(schema, safe=False) for rows in found if rows.num_rows]
    return pieces.by_index(pa.concat_tables(parts).combine_chunks()) if parts else schema.empty_table()
