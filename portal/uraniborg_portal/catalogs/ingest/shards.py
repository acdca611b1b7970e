"""One shard of the version in the making: its rows and its margin from all pieces, its zones, its identifiers."""

from __future__ import annotations

import hashlib
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

    @property
    def cell(self) -> tuple[int, int]:
        """Its order and pixel."""
        return self.order, self.pixel


@dataclass(frozen=True, kw_only=True)
class Written:
    """What the record of a shard says: of the files that were written, which in folders are not all it has."""

    rows: int
    margin_rows: int
    summaries: dict[str, Summary]
    """Of every column but `_healpix_29`, in the rows that are of the pieces."""
    digest: str = ""
    """Tells which identifiers are where in these rows; empty where none are indexed."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """The files of a shard that are written, and their rows."""

    rows: pa.Table
    """None of a shard that is kept."""
    fresh: pa.Table
    """Those of `rows` that are of the pieces."""
    margin: pa.Table
    path: Path
    margin_path: Path
    part: int = 0
    """The number of the file at `path` among the shard's."""


def do(task: Task) -> int:
    """Write a shard with all that belongs to it, and give its rows; its record comes last."""
    work = Work(root=task.work)
    cut = cuts.load(work)
    made = _made(task, cut, work)
    if made.margin.num_rows:
        write.rows(made.margin, made.margin_path)
    summaries: dict[str, object] = {}
    digest = ""
    if not task.kept:
        write.rows(made.rows, made.path)
        chosen = zones.columns_of(cut.schema, cut.entry.identifier, cut.entry.notes)
        zones.save(zones.of_shard(made.path, task.cell, chosen, made.part), zones_of(work, task))
        if cut.entry.identifier and id_index.can_hold(cut.schema.field(cut.entry.identifier).type):
            digest = _digest(made.fresh.select([cut.entry.identifier, layout.HEALPIX_COLUMN]))
            id_index.save_run(pa.table({"id": made.rows[cut.entry.identifier]}), identifiers_of(work, task))
        names = [name for name in made.rows.column_names if name != layout.HEALPIX_COLUMN]
        summaries = {name: asdict(statistics.summary(made.fresh[name])) for name in names}
    content = {
        "rows": made.rows.num_rows, "margin_rows": made.margin.num_rows, "summaries": summaries, "digest": digest,
    }  # fmt: skip
    record(work.shard(task.order, task.pixel), content)
    return int(made.rows.num_rows)


def _made(task: Task, cut: Cut, work: Work) -> Made:
    """Give what is written: the shard and its margin, or what they gain in files beside those they have."""
    tree, schema, before = cut.tree(work), cut.schema, before_of(cut, work)
    loaded = [pieces.load(work.units / name) for name in cut.pieces]
    cell = shard.Cell(order=task.order, pixel=task.pixel, start=0, stop=0)
    around, inside = shard.border(cell, cut.entry.margin_arcsec), np.array([cell.span])
    margin = _gathered(loaded, around, schema)
    rows = fresh = schema.empty_table() if task.kept else _gathered(loaded, inside, schema)
    place = layout.partition(task.order, task.pixel, tree.suffix)
    old = before.shard(task.cell) if before else None
    if cut.in_folders and old:
        number, beside = (len(files) for files in (old.files, old.margin_files))
    else:
        number = beside = 0
        if before:
            margin = bases.joined([before.around(task.cell, around, schema), margin], schema)
            rows = rows if task.kept else bases.joined([before.within(inside, schema), fresh], schema)
    return Made(
        rows=rows, fresh=fresh, margin=margin, part=number,
        path=file_of(tree.primary / place, cut, number), margin_path=file_of(tree.margin / place, cut, beside),
    )  # fmt: skip


def file_of(place: Path, cut: Cut, number: int) -> Path:
    """Give the path of a file of a shard, at whose `place` there is a folder, or the file itself."""
    return place / layout.part_name(number) if cut.in_folders else place


def before_of(cut: Cut, work: Work) -> Opened | None:
    """Open the version to whose rows the pieces are appended; None where there is none."""
    return bases.opened(work.root.parent, cut.entry.name, cut.kept.version) if cut.kept else None


def written(work: Work, order: int, pixel: int) -> Written:
    """Read the record of a shard."""
    content = read(work.shard(order, pixel))
    summaries = {name: Summary(**found) for name, found in content["summaries"].items()}
    return Written(
        rows=content["rows"],
        margin_rows=content["margin_rows"],
        summaries=summaries,
        digest=content.get("digest", ""),
    )


def zones_of(work: Work, task: Task) -> Path:
    """Give where the zones of a shard are."""
    return work.shards / f"{task.order}-{task.pixel}.{layout.ZONES}"


def identifiers_of(work: Work, task: Task) -> Path:
    """Give where the sorted identifiers of a shard are."""
    return work.shards / f"{task.order}-{task.pixel}.ids.arrow"


def _digest(rows: pa.Table) -> str:
    """Give a text that is another one where a value is."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()


def _gathered(loaded: list[pa.Table], ranges: shard.Indices, schema: pa.Schema) -> pa.Table:
    """Give the rows of all pieces in ranges of the index, sorted by it, then by source and row."""
    found = (pieces.within(piece, ranges) for piece in loaded)
    parts = [rows.cast(schema, safe=False) for rows in found if rows.num_rows]
    return bases.joined(parts, schema)
