"""The zone map: what each row group of each shard of a version holds, so that a plan needs no footer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal.catalogs import layout
from uraniborg_portal.catalogs.statistics import PRINCIPAL_COLUMNS, Note
from uraniborg_portal.errors import NotFound

_PLACES = {
    "order": pa.int8(), "pixel": pa.int64(), "shard": pa.int32(), "part": pa.int16(), "row_group": pa.int32(),
    "rows": pa.int64(), "first": pa.int64(), "last": pa.int64(),
}  # fmt: skip
_LEAST, _MOST, _NULLS = "min ", "max ", "nulls "
Numbers = npt.NDArray[np.number[Any]]


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What each row group holds of one column; all three are of the row groups' number."""

    least: Numbers
    """The least value; the type's largest (infinity) where a row group has no value, so that nothing is below it."""
    most: Numbers
    """The greatest value; the type's smallest (minus infinity) where there is none."""
    nulls: npt.NDArray[np.int64]
    """Rows that are NULL; NaN is not counted."""


@dataclass(frozen=True, kw_only=True)
class Zones:
    """Row groups shard by shard along the curve, file by file in one, and rising in each; arrays of one length."""

    order: npt.NDArray[np.int8]
    """HEALPix order of the shard."""
    pixel: npt.NDArray[np.int64]
    """Its pixel."""
    shard: npt.NDArray[np.int32]
    """Its number along the curve, as in the catalog's description."""
    part: npt.NDArray[np.int16]
    """Which of the shard's files."""
    row_group: npt.NDArray[np.int32]
    """Number of the row group in the file."""
    rows: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    """The least `_healpix_29`; neither it nor `last` falls from a row group of a file to the next."""
    last: npt.NDArray[np.int64]
    """The greatest `_healpix_29`."""
    columns: dict[str, Bounds]
    """The identifier, where it is a number, and the principal numeric columns."""


@dataclass(frozen=True, kw_only=True)
class Before:
    """A version of which another one keeps shards."""

    folder: Path
    numbers: npt.NDArray[np.int64]
    """The number that each of its shards has in the other one, which may add files to it; -1 where it is not kept."""


def load(folder: Path) -> Zones:
    """Give the zone map of a version's folder; nothing is read before it is used.

    Raises
    ------
    NotFound
        The version has none: its files were not written here.
    """
    path = folder / layout.ZONES
    try:
        table = _opened(path)
    except FileNotFoundError as error:
        raise NotFound(f"{folder} has no zone map: its catalog is one of another program, used in place.") from error
    names = [name.removeprefix(_LEAST) for name in table.column_names if name.startswith(_LEAST)]
    columns = {
        name: Bounds(least=_array(table, _LEAST + name), most=_array(table, _MOST + name),
                     nulls=_array(table, _NULLS + name))
        for name in names
    }  # fmt: skip
    return Zones(columns=columns, **{name: _array(table, name) for name in _PLACES})


def columns_of(schema: pa.Schema, identifier: str | None, notes: Mapping[str, Note]) -> tuple[str, ...]:
    """Choose the columns of a zone map: the identifier and the principal ones, as far as they are numbers."""
    chosen = {name for name, note in notes.items() if note.principal} or set(schema.names[:PRINCIPAL_COLUMNS])
    chosen |= {identifier} if identifier else set()
    return tuple(field.name for field in schema if field.name in chosen - {layout.HEALPIX_COLUMN} and _numeric(field))


def of_shard(path: Path, cell: tuple[int, int], columns: tuple[str, ...], part: int = 0) -> pa.Table:
    """Give the zones of a file of a shard (order, pixel), from its footer; `part` is its number among the shard's."""
    file = pq.ParquetFile(path)
    types = {name: _bound_type(file.schema_arrow.field(name).type) for name in columns}
    fields = [*_PLACES.items()]
    for name, kind in types.items():
        fields += [(_LEAST + name, kind), (_MOST + name, kind), (_NULLS + name, pa.int64())]
    found = list(_groups(file.metadata, {"order": cell[0], "pixel": cell[1], "shard": 0, "part": part}, types))
    return pa.Table.from_pylist(found, pa.schema(fields))


def save(zones: pa.Table, path: Path) -> None:
    """Write zones."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, zones.schema) as writer:
        writer.write_table(zones.combine_chunks())


def join(paths: Sequence[Path | None], folder: Path, before: Before | None = None) -> None:
    """Write the zone map of a version from those of its shards, which are in order; None where `before` has them all.

    Zones of a shard of `before` that gains a file come before those of that file.
    """
    parts = []
    if before is not None:
        known = _opened(before.folder / layout.ZONES)
        numbers = before.numbers[np.asarray(known["shard"].to_numpy())]
        parts.append(_numbered(known, numbers).filter(pa.array(numbers >= 0)))
    parts += [_numbered(_opened(path), number) for number, path in enumerate(paths) if path is not None]
    whole = pa.concat_tables(parts)
    if before is not None:
        whole = whole.take(pa.array(np.argsort(whole["shard"].to_numpy(), kind="stable")))
    save(whole, folder / layout.ZONES)


def _opened(path: Path) -> pa.Table:
    table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    if "part" in table.column_names:
        return table
    # Zone maps of the first releases: each shard was one file.
    return table.add_column(list(_PLACES).index("part"), "part", pa.array(np.zeros(len(table), np.int16)))


def _numbered(part: pa.Table, number: int | npt.NDArray[np.int64]) -> pa.Table:
    numbers = np.broadcast_to(np.asarray(number, np.int32), part.num_rows)
    return part.set_column(part.column_names.index("shard"), "shard", pa.array(numbers))


def _groups(footer: pq.FileMetaData, place: dict[str, int], types: dict[str, pa.DataType]) -> Iterator[dict[str, Any]]:
    names = [footer.schema.column(number).path for number in range(footer.num_columns)]
    at = {name: names.index(name) for name in (*types, layout.HEALPIX_COLUMN)}
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        index = group.column(at[layout.HEALPIX_COLUMN]).statistics
        found = place | {"row_group": number, "rows": group.num_rows, "first": index.min, "last": index.max}
        for name, kind in types.items():
            said = group.column(at[name]).statistics
            low, high = (said.min, said.max) if said.has_min_max else _nothing(kind)
            found |= {_LEAST + name: low, _MOST + name: high, _NULLS + name: said.null_count}
        yield found


def _nothing(kind: pa.DataType) -> tuple[float, float]:
    if pa.types.is_floating(kind):
        return np.inf, -np.inf
    limits = np.iinfo(np.int64)
    return limits.max, limits.min


def _bound_type(kind: pa.DataType) -> pa.DataType:
    return pa.int64() if pa.types.is_integer(kind) else pa.float64()


def _numeric(field: pa.Field) -> bool:
    return bool(pa.types.is_integer(field.type) or pa.types.is_floating(field.type))


def _array(table: pa.Table, name: str) -> npt.NDArray[Any]:
    return np.asarray(table[name].to_numpy())
