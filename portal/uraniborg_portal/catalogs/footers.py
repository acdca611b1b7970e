"""Columns of a HATS table from its Parquet footers alone: no row is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal.catalogs import datatypes, hats, layout, nested
from uraniborg_portal.catalogs.models import Collection, Column
from uraniborg_portal.catalogs.readers.parquet import note
from uraniborg_portal.catalogs.statistics import PRINCIPAL_COLUMNS
from uraniborg_portal.errors import BadParameter

Ranges = dict[str, tuple[float | None, float | None, int]]


@dataclass(frozen=True, kw_only=True)
class Described:
    """What the columns of a HATS table are."""

    columns: tuple[Column, ...]
    left_out: tuple[str, ...]
    """Names of columns, and of fields of nested ones, that no query can read."""


def described(collection: Collection, ra: str, dec: str) -> Described:
    """Describe the columns of a HATS table; arrays of numbers, also in nested columns, are columns of arrays.

    Others that VOTable has no datatype for are left out. Minimum, maximum and the count of NULL of scalars come from
    the statistics of the row groups.
    """
    schema, ranges = _schema(collection), _ranges(collection.primary / layout.DATASET / layout.METADATA)
    hidden = {collection.healpix_column, layout.HEALPIX_COLUMN, *layout.PARTITION_COLUMNS}
    shown = [field for field in schema if field.name not in hidden]
    positions = {ra: ("deg", "pos.eq.ra;meta.main"), dec: ("deg", "pos.eq.dec;meta.main")}
    found: list[Column] = []
    left_out = []
    taken = {field.name.lower() for field in shown}
    for number, field in enumerate(shown):
        scalar = _column(field, ranges, principal=number < PRINCIPAL_COLUMNS)
        if scalar:
            found.append(_positioned(scalar, positions))
            continue
        for part in nested.parts(field):
            if part.datatype is None or (part.stored and part.name.lower() in taken):
                left_out.append(part.stored or part.name)
                continue
            taken.add(part.name.lower())
            found.append(_array(part, part.datatype))
    return Described(columns=tuple(found), left_out=tuple(left_out))


def _array(part: nested.Part, datatype: str) -> Column:
    said = note(part.field)
    return Column(
        name=part.name, datatype=datatype, arraysize="*", unit=said.unit, ucd=said.ucd, description=said.description,
        stored=part.stored,
    )  # fmt: skip


def _schema(collection: Collection) -> pa.Schema:
    for name in (layout.COMMON_METADATA, layout.METADATA):
        path = collection.primary / layout.DATASET / name
        if path.is_file():
            return pq.read_schema(path)
    order, pixel = hats.cells(collection.primary)[0]
    shard = hats.shard(collection, (order, pixel, 0, 0))
    if not shard.files:
        raise BadParameter(f"{collection.primary} holds no Parquet file.", "Copy the catalog again.")
    return pq.read_schema(shard.files[0])


def _ranges(metadata: Path) -> Ranges:
    found: Ranges = {}
    for name, low, high, nulls in _statistics(metadata):
        before = found.get(name, (None, None, 0))
        found[name] = (_pick(min, before[0], low), _pick(max, before[1], high), before[2] + nulls)
    return found


def _statistics(metadata: Path) -> Iterator[tuple[str, float | None, float | None, int]]:
    if not metadata.is_file():
        return
    footer = pq.read_metadata(metadata)
    for group in (footer.row_group(number) for number in range(footer.num_row_groups)):
        for chunk in (group.column(number) for number in range(group.num_columns)):
            said = chunk.statistics
            if said is not None:
                low, high = (said.min, said.max) if said.has_min_max else (None, None)
                yield chunk.path_in_schema, _number(low), _number(high), said.null_count or 0


def _column(field: pa.Field, ranges: Ranges, *, principal: bool) -> Column | None:
    datatype = datatypes.votable(pa.chunked_array([], field.type))
    if datatype is None:
        return None
    text = datatypes.is_string(field.type) or pa.types.is_dictionary(field.type)
    low, high, nulls = ranges.get(field.name, (None, None, None))
    if datatype == "long" and (high or 0) > float(datatypes.LARGEST):
        return None
    said = note(field)
    return Column(
        name=field.name,
        datatype="unicodeChar" if text else datatype,
        arraysize="*" if text else None,
        unit=said.unit,
        ucd=said.ucd,
        description=said.description,
        minimum=None if text or datatype == "boolean" else low,
        maximum=None if text or datatype == "boolean" else high,
        # Footers count NULL; NaN, which is none in ADQL either, they don't.
        nulls=None if datatype in ("float", "double") else nulls,
        principal=principal,
    )


def _positioned(column: Column, positions: dict[str, tuple[str, str]]) -> Column:
    if column.name not in positions:
        return column
    unit, ucd = positions[column.name]
    return replace(column, unit=column.unit or unit, ucd=column.ucd or ucd, principal=True)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and value == value else None


def _pick(better: object, one: float | None, other: float | None) -> float | None:
    values = [value for value in (one, other) if value is not None]
    if not values:
        return None
    return min(values) if better is min else max(values)
