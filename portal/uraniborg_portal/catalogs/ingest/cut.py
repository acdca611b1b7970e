"""How sorted pieces become the shards of a version: columns, cells, and what is said of the catalog."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from uraniborg_portal.catalogs import entry as entries
from uraniborg_portal.catalogs import layout, shard, write
from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.ingest import pieces, types
from uraniborg_portal.catalogs.ingest.work import Work, read, record

COUNTED_ORDER = 10
"""Rows are counted in cells of this order (3.4 arcmin); there are at most 12.6 million."""


Cells = tuple[tuple[int, int], ...]
"""Order and pixel of shards."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What a version shares with the one to which rows are appended."""

    version: int
    shards: Cells
    """Those that gain no row."""
    margins: Cells
    """Those of `shards` whose margin gains none, either."""
    grown: Cells | None = None
    """Those that gain rows, in a file beside the ones they have; None where what gains rows is written anew."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """What the stages behind mapping work by."""

    entry: Entry
    version: int
    columns: dict[str, str]
    """Name and type of each column of the sources, in order."""
    pieces: tuple[str, ...]
    """Names of the sorted pieces, in the order of the sources."""
    cells: Cells
    """Order and pixel of each shard along the HEALPix curve."""
    rows_without_position: int
    kept: Kept | None = None
    """None where the version is made of the pieces alone."""

    @property
    def schema(self) -> pa.Schema:
        """The schema of every shard."""
        fields = [pa.field(name, types.arrow(kind)) for name, kind in self.columns.items()]
        return write.described(pa.schema([*fields, pa.field(layout.HEALPIX_COLUMN, pa.int64())]), self.entry.notes)

    def tree(self, work: Work) -> write.Tree:
        """Give where its files are written."""
        arcsec, suffix = self.entry.margin_arcsec, layout.FOLDER_SUFFIX if self.in_folders else layout.PARQUET_SUFFIX
        kind = "source" if self.entry.of else "object"
        return write.Tree(folder=work.version, name=self.entry.name, margin_arcsec=arcsec, suffix=suffix, kind=kind)

    @property
    def in_folders(self) -> bool:
        """Whether each shard is a folder of files."""
        return self.kept is not None and self.kept.grown is not None


def save(cut: Cut, work: Work) -> None:
    """Write the record."""
    record(work.cut, asdict(cut) | {"entry": entries.as_json(cut.entry)})


def load(work: Work) -> Cut:
    """Read the record."""
    content: dict[str, Any] = read(work.cut)
    return Cut(
        entry=entries.from_json(content["entry"]),
        version=content["version"],
        columns=content["columns"],
        pieces=tuple(content["pieces"]),
        cells=_pairs(content["cells"]),
        rows_without_position=content["rows_without_position"],
        kept=_kept(content["kept"]),
    )


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Rows in the cells of an order that are not empty."""

    cells: shard.Indices
    """Sorted."""
    rows: shard.Indices
    order: int = COUNTED_ORDER

    @property
    def index(self) -> shard.Indices:
        """The first index of order 29 of each cell."""
        return self.cells << (2 * (layout.HEALPIX_ORDER - self.order))

    def of(self, chosen: npt.NDArray[np.bool_]) -> Counted:
        """Give some of them."""
        return Counted(cells=self.cells[chosen], rows=self.rows[chosen], order=self.order)


def counted(index: shard.Indices, order: int = COUNTED_ORDER) -> Counted:
    """Count the rows of a sorted index of order 29."""
    coarse = index >> (2 * (layout.HEALPIX_ORDER - order))
    first = np.flatnonzero(np.diff(coarse, prepend=-1))
    return Counted(cells=coarse[first], rows=np.diff(first, append=len(coarse)), order=order)


def added(parts: list[Counted]) -> Counted:
    """Add counts."""
    while len(parts) > 1:
        # In pairs, so that no more than two are there in full.
        pairs = [parts[at : at + 2] for at in range(0, len(parts), 2)]
        parts = [_pair(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return parts[0] if parts else Counted(cells=np.empty(0, np.int64), rows=np.empty(0, np.int64))


def cells(total: Counted, entry: Entry, work: Work, names: tuple[str, ...]) -> Cells:
    """Choose the shards: a cell has `entry.rows_per_shard` rows at most, unless it is one of the finest."""
    finest = min(shard.MAX_ORDER, shard.margin_order(entry.margin_arcsec))
    before = np.concatenate([[0], np.cumsum(total.rows)])
    coarse = shard.plan(total.index, entry.rows_per_shard, min(finest, COUNTED_ORDER), before)
    found: list[tuple[int, int]] = []
    for cell in coarse:
        if cell.rows > entry.rows_per_shard and cell.order < finest:
            index = np.sort(np.concatenate([pieces.index(work.units / name, cell.span) for name in names]))
            inside = shard.plan(index, entry.rows_per_shard, finest)
            found += [(each.order, each.pixel) for each in inside]
        else:
            found.append((cell.order, cell.pixel))
    return tuple(found)


def _pair(one: Counted, other: Counted) -> Counted:
    both = np.concatenate([one.cells, other.cells])
    order = np.argsort(both, kind="stable")
    found = both[order]
    first = np.flatnonzero(np.diff(found, prepend=-1))
    rows = np.concatenate([one.rows, other.rows])[order]
    return Counted(cells=found[first], rows=np.add.reduceat(rows, first) if len(rows) else rows, order=one.order)


def _pairs(content: list[list[int]]) -> Cells:
    return tuple((order, pixel) for order, pixel in content)


def _kept(content: dict[str, Any] | None) -> Kept | None:
    if content is None:
        return None
    return Kept(
        version=content["version"],
        shards=_pairs(content["shards"]),
        margins=_pairs(content["margins"]),
        grown=None if content.get("grown") is None else _pairs(content["grown"]),
    )
