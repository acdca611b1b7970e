"""The version to whose rows others are appended: what is said of it, and its rows by ranges of the index."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal.catalogs import description, hats, id_index, layout, zones
from uraniborg_portal.catalogs.description import Stored
from uraniborg_portal.catalogs.entry import MARGIN_ARCSEC, ROWS_PER_SHARD, Entry
from uraniborg_portal.catalogs.ingest import pieces
from uraniborg_portal.catalogs.models import Catalog, Collection, Column, Shard
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
    def version(self) -> int:
        """Its number."""
        return int(self.folder.name.removeprefix(layout.VERSION_PREFIX))

    @property
    def catalog(self) -> Catalog:
        """Its description."""
        return self.stored.catalog

    @property
    def numbers(self) -> Indices:
        """Order, pixel, rows and margin rows of each shard along the curve."""
        return np.array(self.stored.shards, np.int64).reshape(-1, 4)

    @cached_property
    def places(self) -> dict[tuple[int, int], int]:
        """The number of the shard of each cell (order, pixel) that has one."""
        return {(order, pixel): number for number, (order, pixel, *_) in enumerate(self.stored.shards)}

    def shard(self, cell: tuple[int, int]) -> Shard | None:
        """Give the shard of a cell (order, pixel); None where there is none."""
        return self.shards[self.places[cell]] if cell in self.places else None

    def within(self, ranges: Indices, schema: pa.Schema) -> pa.Table:
        """Give the rows in ranges of the index (first, first after; sorted), sorted, with columns of this schema."""
        pairs = [(int(first), int(stop)) for first, stop in ranges]
        files = [file for at in self.shards.touching(pairs).tolist() for file in self.shards[at].files]
        parts = [pieces.within(_groups(file, ranges), ranges) for file in files]
        return joined([part.select(schema.names).cast(schema) for part in parts if part.num_rows], schema)

    def around(self, cell: tuple[int, int], ranges: Indices, schema: pa.Schema) -> pa.Table:
        """Give the rows in the ranges that surround a cell (order, pixel): its margin, where it is a shard already."""
        shard = self.shard(cell)
        if shard is None:
            return self.within(ranges, schema)
        return joined([pq.ParquetFile(path).read(schema.names).cast(schema) for path in shard.margin_files], schema)

    def index(self, number: int) -> Indices:
        """Give the indices of the rows of one shard, sorted."""
        parts = [pq.ParquetFile(path).read([layout.HEALPIX_COLUMN]) for path in self.shards[number].files]
        return np.sort(np.concatenate([part[layout.HEALPIX_COLUMN].to_numpy() for part in parts]))


def opened(catalogs: Path, name: str, version: int) -> Opened:
    """Open a version; fails like `description.read` and `hats.open_collection`."""
    folder = layout.version_folder(catalogs, name, version)
    stored = description.read(folder)
    collection = hats.open_collection(folder / stored.collection)
    shards = Shards(collection, stored.shards, stored.parts)
    return Opened(folder=folder, stored=stored, collection=collection, shards=shards)


def joined(parts: list[pa.Table], schema: pa.Schema) -> pa.Table:
    """Give rows of several sorted tables with this schema, sorted; where equal, those of the first come first."""
    return pieces.by_index(pa.concat_tables(parts).combine_chunks()) if parts else schema.empty_table()


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
    return Base(version=before.version, columns=columns, leave_out=leave_out)


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
        of=catalog.of,
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
