"""Parquet files; units, UCDs and descriptions of their fields or of VOParquet are used."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal.catalogs import layout
from uraniborg_portal.catalogs.readers.source import Source
from uraniborg_portal.catalogs.statistics import Note

SUFFIXES = (".parquet", ".parq", ".pq")


def read(path: Path) -> Source:
    """Read a Parquet file; columns that only HATS needs are dropped."""
    table = pq.ParquetFile(path).read()
    dropped = [name for name in (layout.HEALPIX_COLUMN, *layout.PARTITION_COLUMNS) if name in table.column_names]
    return described(table.drop_columns(dropped))


def described(table: pa.Table) -> Source:
    """Give a table with what the metadata of its fields say."""
    notes = {field.name: note(field) for field in table.schema if field.metadata}
    return Source(table=table, notes=notes)


def note(field: pa.Field) -> Note:
    """Give what the metadata of a field say: keys `unit`, `ucd`, `description`."""
    words = {key.decode().lower(): value.decode("utf-8", "replace") for key, value in (field.metadata or {}).items()}
    return Note(unit=words.get("unit"), ucd=words.get("ucd"), description=words.get("description", ""))
