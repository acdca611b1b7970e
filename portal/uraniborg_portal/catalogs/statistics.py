"""What the columns of a table are: datatype, range, values that are missing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs import datatypes
from uraniborg_portal.catalogs.models import Column

PRINCIPAL_COLUMNS = 12
"""Where nothing says which columns are shown by default, the first so many are."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """What a source says about a column beyond its values."""

    unit: str | None = None
    ucd: str | None = None
    xtype: str | None = None
    description: str = ""
    principal: bool = False
    links: str | None = None


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What the values of a column, or of a part of it, are."""

    low: float | int | None = None
    """The least finite value, None for texts and booleans and where there is none."""
    high: float | int | None = None
    missing: int = 0
    """NULL and NaN."""
    ascii: bool = True
    """Whether every character is ASCII."""


def columns(table: pa.Table, notes: Mapping[str, Note]) -> tuple[Column, ...]:
    """Describe the columns of a table; columns without a VOTable datatype are left out."""
    return described(table.schema, {name: summary(table[name]) for name in table.column_names}, notes)


def described(schema: pa.Schema, found: Mapping[str, Summary], notes: Mapping[str, Note]) -> tuple[Column, ...]:
    """Describe columns from what their values are; columns without a VOTable datatype are left out."""
    chosen = any(note.principal for note in notes.values())
    given = []
    for number, field in enumerate(schema):
        note = notes.get(field.name, Note())
        shown = note.principal if chosen else number < PRINCIPAL_COLUMNS
        column = _column(field, found[field.name], note, principal=shown)
        given += [column] if column else []
    return tuple(given)


def summary(values: pa.ChunkedArray) -> Summary:
    """Give what the values of a column are."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return summary(values.cast(kind.value_type))
    if datatypes.is_string(kind):
        return Summary(missing=values.null_count, ascii=datatypes.is_ascii(values))
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return Summary(missing=values.null_count)
    low, high = _range(values)
    return Summary(low=low, high=high, missing=_missing(values))


def joined(parts: Sequence[Summary]) -> Summary:
    """Give what the values of a column are, from those of its parts."""
    lows = [part.low for part in parts if part.low is not None]
    highs = [part.high for part in parts if part.high is not None]
    return Summary(
        low=min(lows, default=None),
        high=max(highs, default=None),
        missing=sum(part.missing for part in parts),
        ascii=all(part.ascii for part in parts),
    )


def _column(field: pa.Field, found: Summary, note: Note, *, principal: bool) -> Column | None:
    datatype = datatypes.votable(pa.chunked_array([], field.type))
    if datatype is None:
        return None
    text = datatype in ("char", "unicodeChar")
    return Column(
        name=field.name,
        datatype=("char" if found.ascii else "unicodeChar") if text else datatype,
        arraysize="*" if text else None,
        unit=note.unit,
        ucd=note.ucd,
        xtype=note.xtype,
        description=note.description,
        minimum=None if found.low is None else float(found.low),
        maximum=None if found.high is None else float(found.high),
        nulls=found.missing,
        principal=principal,
        links=note.links,
    )


def _missing(values: pa.ChunkedArray) -> int:
    nans = pc.sum(pc.is_nan(values)).as_py() or 0 if pa.types.is_floating(values.type) else 0
    return int(values.null_count + nans)


def _range(values: pa.ChunkedArray) -> tuple[float | None, float | None]:
    if not pa.types.is_floating(values.type):
        both = pc.min_max(values).as_py()
        return both["min"], both["max"]
    both = pc.min_max(values).as_py()
    if both["min"] is not None and not math.isfinite(both["max"] - both["min"]):
        both = pc.min_max(values.filter(pc.is_finite(values))).as_py()
    return both["min"], both["max"]
