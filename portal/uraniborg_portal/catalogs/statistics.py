"""What the columns of a table are: datatype, range, values that are missing."""

from __future__ import annotations

from collections.abc import Mapping
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


def columns(table: pa.Table, notes: Mapping[str, Note]) -> tuple[Column, ...]:
    """Describe the columns of a table; columns without a VOTable datatype are left out."""
    chosen = any(note.principal for note in notes.values())
    described = []
    for number, name in enumerate(table.column_names):
        note = notes.get(name, Note())
        shown = note.principal if chosen else number < PRINCIPAL_COLUMNS
        column = _column(name, table[name], note, principal=shown)
        described += [column] if column else []
    return tuple(described)


def _column(name: str, values: pa.ChunkedArray, note: Note, *, principal: bool) -> Column | None:
    datatype = datatypes.votable(values)
    if datatype is None:
        return None
    text = datatype in ("char", "unicodeChar")
    missing = _missing(values)
    low, high = (None, None) if text or datatype == "boolean" else _range(values)
    return Column(
        name=name,
        datatype=datatype,
        arraysize="*" if text else None,
        unit=note.unit,
        ucd=note.ucd,
        xtype=note.xtype,
        description=note.description,
        minimum=low,
        maximum=high,
        nulls=missing,
        principal=principal,
    )


def _missing(values: pa.ChunkedArray) -> int:
    nans = pc.sum(pc.is_nan(values)).as_py() or 0 if pa.types.is_floating(values.type) else 0
    return int(values.null_count + nans)


def _range(values: pa.ChunkedArray) -> tuple[float | None, float | None]:
    finite = values.filter(pc.is_finite(values)) if pa.types.is_floating(values.type) else values
    both = pc.min_max(finite).as_py()
    if both["min"] is None:
        return None, None
    return float(both["min"]), float(both["max"])
