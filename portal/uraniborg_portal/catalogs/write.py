"""Writes the files of a HATS collection: shards, the metadata of a table, and the collection's properties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal.catalogs import encodings, layout, properties, shard, skymap
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.statistics import Note

ROW_GROUP = 8_192
"""Rows per row group: small enough that a cone reads little, large enough to compress.

Also of wide tables: with half as many a cone of 300 columns takes 18 in place of 21 ms where it has 7 rows, no less
where it has 1,400, and a scan of a few columns twice as long, for it reads footers of twice the size.
"""
MOST_IN_METADATA = 20_000
"""Tables with more shards have no `_metadata`: reading it would take longer than reading the few footers needed."""
Summary = Sequence[tuple[int, int, int]]
"""Order, pixel and rows of each shard of a table."""


@dataclass(frozen=True, kw_only=True)
class Tree:
    """Where the tables of a collection are."""

    folder: Path
    name: str
    margin_arcsec: float
    suffix: str = layout.PARQUET_SUFFIX
    """What follows the pixel number in the names of shards: `/` where each is a folder of files."""
    kind: str = "object"
    """What a row of the primary table is, as HATS names it: `object` or `source`."""

    @property
    def primary(self) -> Path:
        """The folder of the primary table."""
        return self.folder / self.name

    @property
    def margin(self) -> Path:
        """The folder of the margin table."""
        return self.folder / layout.margin_name(self.name, self.margin_arcsec)


def described(schema: pa.Schema, notes: dict[str, Note]) -> pa.Schema:
    """Give a schema whose fields say unit, UCD and description, as `readers.parquet` reads them."""
    return pa.schema([field.with_metadata(_words(notes.get(field.name, Note()))) for field in schema])


def rows(table: pa.Table, path: Path) -> None:
    """Write the rows of a shard, sorted by `_healpix_29`; equal rows give equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    incoming = path.with_name(f".{path.name}")
    pq.write_table(
        table,
        incoming,
        row_group_size=ROW_GROUP,
        sorting_columns=pq.SortingColumn.from_ordering(table.schema, [(layout.HEALPIX_COLUMN, "ascending")]),
        **encodings.options(encodings.chosen(table)),
    )
    incoming.replace(path)


def primary(tree: Tree, schema: pa.Schema, shards: Summary, position: Position, counts: shard.Indices) -> None:
    """Write the metadata of the primary table, whose shards are there.

    Parameters
    ----------
    tree
        Where it is.
    schema
        Of every shard.
    shards
        Along the HEALPix curve.
    position
        The columns of the position.
    counts
        Rows in each cell of `skymap.ORDER`.
    """
    _dataset(tree.primary, schema, shards, tree.suffix)
    skymap.write(counts, tree.primary)
    extra = {"hats_npix_suffix": tree.suffix, "hats_skymap_order": skymap.ORDER}
    _properties(tree.name, tree.kind, shards, position, tree.primary, extra)


def margin(tree: Tree, schema: pa.Schema, shards: Summary, position: Position) -> None:
    """Write the metadata of the margin table, whose shards are there."""
    _dataset(tree.margin, schema, shards, tree.suffix)
    extra = {
        "hats_npix_suffix": tree.suffix,
        "hats_primary_table_url": tree.name,
        "hats_margin_threshold": tree.margin_arcsec,
    }
    _properties(tree.margin.name, "margin", shards, position, tree.margin, extra)


def collection(tree: Tree, *, has_margin: bool) -> None:
    """Write the properties of the collection, whose tables are there."""
    found = tree.margin.name if has_margin else None
    content = {
        "obs_collection": tree.name,
        "hats_primary_table_url": tree.name,
        "all_margins": found,
        "default_margin": found,
        "hats_version": "v1.0",
        "hats_builder": "uraniborg",
    }
    text = properties.render("HATS Collection", content)
    (tree.folder / layout.COLLECTION_PROPERTIES).write_text(text, "utf-8")


def _words(note: Note) -> dict[str, str] | None:
    words = {"unit": note.unit, "ucd": note.ucd, "description": note.description}
    return {key: value for key, value in words.items() if value} or None


def _dataset(folder: Path, schema: pa.Schema, shards: Summary, suffix: str) -> None:
    dataset = folder / layout.DATASET
    dataset.mkdir(parents=True, exist_ok=True)
    pq.write_metadata(schema, dataset / layout.COMMON_METADATA)
    # hats' verification takes a `_metadata` that names a cell twice for wrong; without one it is content.
    if len(shards) <= MOST_IN_METADATA and suffix != layout.FOLDER_SUFFIX:
        footers = []
        for order, pixel, _ in shards:
            footers.append(pq.read_metadata(folder / layout.partition(order, pixel)))
            footers[-1].set_file_path(layout.partition_in_dataset(order, pixel).as_posix())
        pq.write_metadata(schema, dataset / layout.METADATA, metadata_collector=footers)
    info = "".join(f"{order},{pixel}\n" for order, pixel, _ in shards)
    (folder / layout.PARTITION_INFO).write_text("Norder,Npix\n" + info, "utf-8")


def _properties(
    name: str, kind: str, shards: Summary, position: Position, folder: Path, extra: dict[str, object]
) -> None:
    content: dict[str, object] = {
        "obs_collection": name,
        "dataproduct_type": kind,
        "hats_nrows": sum(count for _, _, count in shards),
        "hats_col_ra": position.ra,
        "hats_col_dec": position.dec,
        "hats_npix_suffix": layout.PARQUET_SUFFIX,
        "hats_max_rows": max((count for _, _, count in shards), default=0),
        "hats_order": max((order for order, _, _ in shards), default=0),
        "moc_sky_fraction": round(sum(0.25**order for order, _, _ in shards) / 12, 6),
        "hats_version": "v1.0",
        "hats_builder": "uraniborg",
        "hats_col_healpix": layout.HEALPIX_COLUMN,
        "hats_col_healpix_order": layout.HEALPIX_ORDER,
        **extra,
    }
    text = properties.render("HATS catalog", content)
    (folder / layout.TABLE_PROPERTIES).write_text(text, "utf-8")
    (folder / layout.OLD_TABLE_PROPERTIES).write_text(text, "utf-8")
