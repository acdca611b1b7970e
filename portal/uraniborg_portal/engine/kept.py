"""Tables that are neither catalogs nor part of a query: Parquet files of rows in any order, which users keep here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal.adql.models import Table
from uraniborg_portal.catalogs import layout
from uraniborg_portal.catalogs.models import Collection, Column, Position, Shard, named
from uraniborg_portal.catalogs.pruning import Pruning
from uraniborg_portal.catalogs.shards import Ranges, Shards, ends_of
from uraniborg_portal.engine.positions import Positions, positions_in
from uraniborg_portal.engine.reading import Stored
from uraniborg_portal.errors import NotFound

MOST_POSITIONS = 200_000
"""Rows of a table whose positions are looked up before a join, so that only what is near them is read of the others."""


@dataclass(frozen=True, kw_only=True)
class KeptTable:
    """A table that somebody keeps, as queries know it."""

    name: str
    """As `Table.name` has it: the schema, a point, the table."""
    about: str
    """Whose tables the schema has."""
    description: str
    columns: tuple[Column, ...]
    position: Position | None
    """None where no columns say where a row is; the others have the HEALPix index in their files."""
    rows: int
    indexed: frozenset[str] = frozenset()
    """Columns whose values are searched fast."""
    identifier: None = None
    """No column names a row as one of a catalog does: there is no index of the files by it."""
    of: None = None
    """Its rows belong to those of no catalog."""

    @property
    def table(self) -> Table:
        """The table as the binder knows it."""
        return Table(name=self.name, columns=self.columns, position=self.position)

    @property
    def fast(self) -> frozenset[str]:
        """Columns that are searched fast, those of the position among them."""
        where = self.position
        return self.indexed | ({where.ra, where.dec} if where else frozenset())

    def column(self, name: str) -> Column:
        """Give the column of that name, any case; KeyError where there is none."""
        return named(self.columns, name)

    def homes(self, column: str) -> frozenset[str]:
        """Give nothing: its rows lie in any order."""
        return frozenset()


class KeptTables(Protocol):
    """The tables that one caller may read, as they are when it asks; later changes don't matter to its query."""

    def all(self) -> tuple[KeptTable, ...]:
        """Give them, sorted by name."""
        ...

    def files(self, name: str) -> tuple[tuple[Path, int], ...]:
        """Give the Parquet files of a table with their rows, at least one; they are on this machine."""
        ...


class NoTables:
    """The tables of those who have none."""

    def all(self) -> tuple[KeptTable, ...]:
        """Give none."""
        return ()

    def files(self, name: str) -> tuple[tuple[Path, int], ...]:
        """Refuse to give files of a table that nobody has."""
        raise NotFound(f"No table is called {name[:80]!r}.")


class Files(Shards):
    """The files of a table as shards, each of which can have rows anywhere on the sky."""

    are_cells = False

    def __init__(self, collection: Collection, files: Sequence[tuple[Path, int]]) -> None:
        super().__init__(collection, [(0, 0, rows, 0) for _, rows in files])
        self.starts = np.zeros(len(files), np.int64)
        self.ends = np.full(len(files), layout.CELLS, np.int64)
        self._files = tuple(files)

    def shard(self, index: int) -> Shard:
        """Give one of the files."""
        path, rows = self._files[index]
        return Shard(order=0, pixel=0, rows=rows, path=path)

    def expected_rows(self, ranges: Ranges | None) -> int:
        """Give the rows in these ranges, as if they lay evenly on the sky."""
        total = int(self.rows.sum())
        if ranges is None:
            return total
        lows, highs = ends_of(ranges)
        return math.ceil(total * float((highs - lows).sum() / layout.CELLS))


def stored(kept: KeptTables, name: str) -> Stored:
    """Give a table and where it is on disk, as catalogs are given.

    Raises
    ------
    NotFound
        There is no such table.
    """
    table, files = found(kept, name), kept.files(name)
    folder = files[0][0].parent
    column = layout.HEALPIX_COLUMN if table.position else None
    collection = Collection(
        root=folder, primary=folder, margin=None, margin_arcsec=0.0, healpix_column=column,
        healpix_order=layout.HEALPIX_ORDER,
    )  # fmt: skip
    return Stored(catalog=table, collection=collection, shards=Files(collection, files), pruning=Pruning(folder))


def found(kept: KeptTables, name: str) -> KeptTable:
    """Give a table by its name; NotFound where there is none."""
    for table in kept.all():
        if table.name == name:
            return table
    raise NotFound(f"No table is called {name[:80]!r}.")


def positions(kept: KeptTables, name: str, longitude: str, latitude: str) -> Positions | None:
    """Give two columns of a table as degrees, NaN for NULL; None for another table, and for one with many rows."""
    table = next((each for each in kept.all() if each.name == name), None)
    if table is None or table.rows > MOST_POSITIONS:
        return None
    parts = [pq.ParquetFile(path).read([longitude, latitude]) for path, _ in kept.files(name)]
    return positions_in(pa.concat_tables(parts), longitude, latitude)
