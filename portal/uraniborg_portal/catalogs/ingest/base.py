"""The version to whose rows others are appended: what is said of it, and its rows by ranges of the index."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal.catalogs import description, hats, id_index, layout, zones
from uraniborg_portal.catalogs.description import Stored
from uraniborg_portal.catalogs.entry import MARGIN_ARCSEC, ROWS_PER_SHARD, Entry
from uraniborg_portal.catalogs.ingest import pieces
from uraniborg_portal.catalogs.models import Catalog, Collection, Column
from uraniborg_portal.catalogs.shard import Indices
from uraniborg_portal.catalogs.shards import Shards
from uraniborg_portal.catalogs.statistics import Note, Summary
from uraniborg_portal.errors import Conflict, NotFound


@dataclass(frozen=True, kw_only=True)
class Base:
    """What an append has to keep to."""

    version: int
    columns: dict[str, str]
    """Name and type of each column of the catalog, in order."""
    leave_out: bool = False
    """Whether columns that the catalog does not have are left out; otherwise files with such are refused."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A version on the disk."""

    folder: Path
    stored: Stored
    collection: Collection
    shards: Shards

    @property
    def catalog(self) -> Catalog:
        """Its description."""
        return self.stored.catalog

    @property
    def numbers(self) -> Indices:
        """Order, pixel, rows and margin rows of each shard along the curve."""
        return np.array(self.stored.shards, np.int64).reshape(-1, 4)

    def within(self, ranges: Indices, schema: pa.Schema) -> pa.Table:
        """Give the rows in ranges of the index (first, first after; sorted), sorted, with columns of this schema."""
        pairs = [(int(first), int(stop)) for first, stop in ranges]
        parts = [
            pieces.within(_groups(self.shards[int(at)].path, ranges), ranges) for at in self.shards.touching(pairs)
        ]
        found = [part.select(schema.names).cast(schema) for part in parts if part.num_rows]
        return pa.concat_tables(found) if found else schema.empty_table()

    def around(self, cell: tuple[int, int], ranges: Indices, schema: pa.Schema) -> pa.Table:
        """Give the rows in the ranges that surround a cell (order, pixel): its margin, where it is a shard already."""
        at = np.flatnonzero((self.numbers[:, :2] == cell).all(axis=1))
        if not len(at):
            return self.within(ranges, schema)
        files = self.shards[int(at[0])].margin_files
        parts = [pq.ParquetFile(path).read(schema.names).cast(schema) for path in files]
        return pa.concat_tables(parts) if parts else schema.empty_table()

    def index(self, number: int) -> Indices:
        """Give the indices of the rows of one shard."""
        file = pq.ParquetFile(self.shards[number].path)
        return np.asarray(file.read([layout.HEALPIX_COLUMN])[layout.HEALPIX_COLUMN].to_numpy())


def opened(catalogs: Path, name: str, version: int) -> Opened:
    """Open a version; fails like `description.read` and `hats.open_collection`."""
    folder = layout.version_folder(catalogs, name, version)
    stored = description.read(folder)
    collection = hats.open_collection(folder / stored.collection)
    return Opened(folder=folder, stored=stored, collection=collection, shards=Shards(collection, stored.shards))


def base_of(before: Opened, *, leave_out: bool) -> Base:
    """Give what an append to a version has to keep to.

    Raises
    ------
    Conflict
        The version's files were not written here.
    """
    name = before.catalog.name
    schema = pq.read_schema(before.collection.primary / layout.DATASET / layout.COMMON_METADATA)
    try:
        zones.load(before.folder)
        if before.catalog.identifier and id_index.can_hold(schema.field(before.catalog.identifier).type):
            id_index.find(before.folder, ())
        if any(column.nulls is None for column in before.catalog.columns):
            raise NotFound("Its statistics are those of footers, which count no NaN.")
    except NotFound as error:
        raise Conflict(
            f"The files of {name!r} were written by another program: rows are appended only to catalogs that "
            "`uraniborg catalog add` made of files.",
            "Add its files and the new ones as another catalog.",
            field="name",
        ) from error
    columns = {field.name: str(field.type) for field in schema if field.name != layout.HEALPIX_COLUMN}
    return Base(
        version=int(before.folder.name.removeprefix(layout.VERSION_PREFIX)), columns=columns, leave_out=leave_out
    )


def entry_of(before: Opened) -> Entry:
    """Give what is said of a version beyond its rows, as an ingest takes it."""
    catalog, stored = before.catalog, before.stored
    return Entry(
        name=catalog.name,
        title=catalog.title,
        position=catalog.position,
        description=catalog.description,
        licence=catalog.licence,
        citation=catalog.citation,
        identifier=catalog.identifier,
        readers=catalog.readers,
        notes={column.name: _note(column) for column in catalog.columns},
        # Descriptions of the first releases don't say how wide and large.
        margin_arcsec=stored.margin_arcsec or before.collection.margin_arcsec or MARGIN_ARCSEC,
        rows_per_shard=stored.rows_per_shard or ROWS_PER_SHARD,
    )


def summary_of(column: Column) -> Summary:
    """Give what the values of a column of a version are."""
    ascii_only = column.datatype != "unicodeChar"
    return Summary(low=column.minimum, high=column.maximum, missing=column.nulls or 0, ascii=ascii_only)


def _note(column: Column) -> Note:
    return Note(
        unit=column.unit,
        ucd=column.ucd,
        xtype=column.xtype,
        description=column.description,
        principal=column.principal,
        links=column.links,
    )


def _groups(path: Path, ranges: Indices) -> pa.Table:
    """Give the row groups of a shard that can have rows in ranges of the index."""
    file = pq.ParquetFile(path)
    at = file.schema_arrow.names.index(layout.HEALPIX_COLUMN)
    chosen = []
    for number in range(file.num_row_groups):
        said = file.metadata.row_group(number).column(at).statistics
        if ((ranges[:, 0] <= said.max) & (ranges[:, 1] > said.min)).any():
            chosen.append(number)
    return file.read_row_groups(chosen)
