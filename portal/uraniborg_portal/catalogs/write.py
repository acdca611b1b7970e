"""Writes a table as a HATS collection: shards, margin, metadata. The folder is whole or absent, never half written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal.catalogs import layout, properties, shard, skymap
from uraniborg_portal.catalogs.models import Position

ROW_GROUP = 8_192
"""Rows per row group: small enough that a cone reads little, large enough to compress."""
ROWS_PER_SHARD = 1_000_000
"""A cell with more rows is split in four."""
MARGIN_ARCSEC = 60.0
"""Width of the margin where the caller names none, arcseconds."""


Done = Callable[[float], None]
"""Hears which part of the work is done, 0 to 1."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a table is cut: rows in HEALPix order with their index, shards, and what each margin holds."""

    table: pa.Table
    """The rows in order of `_healpix_29`, which is the last column."""
    index: shard.Indices
    cells: tuple[shard.Cell, ...]
    margins: tuple[shard.Indices, ...]
    margin_arcsec: float

    @property
    def summary(self) -> tuple[tuple[int, int, int, int], ...]:
        """Order, pixel, rows and margin rows of each shard."""
        pairs = zip(self.cells, self.margins, strict=True)
        return tuple((cell.order, cell.pixel, cell.stop - cell.start, len(rows)) for cell, rows in pairs)


def plan(
    table: pa.Table, position: Position, *, margin_arcsec: float = MARGIN_ARCSEC, rows_per_shard: int = ROWS_PER_SHARD
) -> Plan:
    """Sort a table along the HEALPix curve and cut it into shards with margins.

    Parameters
    ----------
    table
        Every row has a finite position.
    position
        Names the columns of right ascension and declination, degrees.
    margin_arcsec
        Width of the margins; it also bounds how fine the shards can be.
    rows_per_shard
        Most rows of a shard.
    """
    index = shard.healpix_index(_degrees(table, position.ra), _degrees(table, position.dec))
    order = np.argsort(index, kind="stable")
    index = index[order]
    finest = min(shard.MAX_ORDER, shard.margin_order(margin_arcsec))
    cells = shard.plan(index, rows_per_shard, finest)
    ordered = table.take(pa.array(order)).append_column(layout.HEALPIX_COLUMN, pa.array(index))
    margins = shard.margins(index, cells, margin_arcsec)
    return Plan(table=ordered, index=index, cells=cells, margins=margins, margin_arcsec=margin_arcsec)


def collection(cut: Plan, position: Position, name: str, folder: Path, done: Done = lambda fraction: None) -> None:
    """Write the collection `name` into `folder`, which exists and is empty; `done` hears which part is written."""
    margin = layout.margin_name(name, cut.margin_arcsec)
    has_margin = any(len(rows) for rows in cut.margins)
    _write_primary(cut, position, name, folder / name, done)
    if has_margin:
        _write_margin(cut, position, name, folder / margin)
    content = {
        "obs_collection": name,
        "hats_primary_table_url": name,
        "all_margins": margin if has_margin else None,
        "default_margin": margin if has_margin else None,
        "hats_version": "v1.0",
        "hats_builder": "uraniborg",
    }
    (folder / layout.COLLECTION_PROPERTIES).write_text(properties.render("HATS Collection", content), "utf-8")


def _write_primary(cut: Plan, position: Position, name: str, folder: Path, done: Done) -> None:
    slices = [(cell, cut.table.slice(cell.start, cell.stop - cell.start)) for cell in cut.cells]
    _write_dataset(slices, cut.table.schema, folder, done)
    skymap.write(cut.index, folder)
    extra = {
        "hats_col_healpix": layout.HEALPIX_COLUMN,
        "hats_col_healpix_order": layout.HEALPIX_ORDER,
        "hats_skymap_order": skymap.ORDER,
    }
    _write_properties(name, "object", [(cell, rows.num_rows) for cell, rows in slices], position, folder, extra)


def _write_margin(cut: Plan, position: Position, name: str, folder: Path) -> None:
    pairs = zip(cut.cells, cut.margins, strict=True)
    slices = [(cell, cut.table.take(pa.array(rows))) for cell, rows in pairs if len(rows)]
    _write_dataset(slices, cut.table.schema, folder, lambda fraction: None)
    extra = {
        "hats_col_healpix": layout.HEALPIX_COLUMN,
        "hats_col_healpix_order": layout.HEALPIX_ORDER,
        "hats_primary_table_url": name,
        "hats_margin_threshold": cut.margin_arcsec,
    }
    _write_properties(folder.name, "margin", [(cell, rows.num_rows) for cell, rows in slices], position, folder, extra)


def _write_dataset(slices: list[tuple[shard.Cell, pa.Table]], schema: pa.Schema, folder: Path, done: Done) -> None:
    collected: list[pq.FileMetaData] = []
    for number, (cell, rows) in enumerate(slices, 1):
        path = folder / layout.partition(cell.order, cell.pixel)
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows, path, row_group_size=ROW_GROUP, compression="zstd", metadata_collector=collected)
        collected[-1].set_file_path(layout.partition_in_dataset(cell.order, cell.pixel).as_posix())
        done(number / len(slices))
    dataset = folder / layout.DATASET
    dataset.mkdir(parents=True, exist_ok=True)
    pq.write_metadata(schema, dataset / layout.METADATA, metadata_collector=collected)
    pq.write_metadata(schema, dataset / layout.COMMON_METADATA)
    info = "".join(f"{cell.order},{cell.pixel}\n" for cell, _ in slices)
    (folder / layout.PARTITION_INFO).write_text("Norder,Npix\n" + info, "utf-8")


def _write_properties(
    name: str, kind: str, rows: list[tuple[shard.Cell, int]], position: Position, folder: Path, extra: dict[str, object]
) -> None:
    content: dict[str, object] = {
        "obs_collection": name,
        "dataproduct_type": kind,
        "hats_nrows": sum(count for _, count in rows),
        "hats_col_ra": position.ra,
        "hats_col_dec": position.dec,
        "hats_npix_suffix": layout.PARQUET_SUFFIX,
        "hats_max_rows": max((count for _, count in rows), default=0),
        "hats_order": max((cell.order for cell, _ in rows), default=0),
        "moc_sky_fraction": round(sum(0.25**cell.order for cell, _ in rows) / 12, 6),
        "hats_version": "v1.0",
        "hats_builder": "uraniborg",
        **extra,
    }
    text = properties.render("HATS catalog", content)
    (folder / layout.TABLE_PROPERTIES).write_text(text, "utf-8")
    (folder / layout.OLD_TABLE_PROPERTIES).write_text(text, "utf-8")


def _degrees(table: pa.Table, column: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(table[column].cast(pa.float64()).to_numpy())
