"""Arrow types and VOTable datatypes: what columns are, in files and in answers (VOTable 1.4, section 2.1)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs.models import Column

_SCALARS = {
    pa.bool_(): "boolean",
    pa.int8(): "short",
    pa.uint8(): "short",
    pa.int16(): "short",
    pa.uint16(): "int",
    pa.int32(): "int",
    pa.uint32(): "long",
    pa.uint64(): "long",
    pa.int64(): "long",
    pa.float16(): "float",
    pa.float32(): "float",
    pa.float64(): "double",
}
"""VOTable has no signed byte and no unsigned integers but the byte: each goes into the next wider type.

There is none for those of 64 bits, whose larger values don't fit (`LARGEST`).
"""
LARGEST = 2**63 - 1
"""The largest whole number that a column of numbers holds."""

ARROW = {
    "boolean": pa.bool_(),
    "short": pa.int16(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "char": pa.string(),
    "unicodeChar": pa.string(),
}
"""The Arrow type of each datatype that a column may have."""


def arrow_of(column: Column) -> pa.DataType:
    """Give the Arrow type of a column's values: lists where it holds arrays of numbers."""
    kind = ARROW[column.datatype]
    return pa.list_(kind) if column.arraysize and not is_string(kind) else kind


def votable(values: pa.ChunkedArray) -> str | None:
    """Give the VOTable datatype of a column; None where it has none (lists, structures, binary).

    Strings are `char` where every character is ASCII, and `unicodeChar` otherwise.
    """
    kind = values.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        values = values.cast(kind)
    if is_string(kind):
        return "char" if is_ascii(values) else "unicodeChar"
    return "double" if pa.types.is_decimal(kind) else _SCALARS.get(kind)


def is_too_large(values: pa.ChunkedArray) -> bool:
    """Tell whether whole numbers are among these that are above `LARGEST`."""
    most = pc.max(values).as_py() if pa.types.is_uint64(values.type) else None
    return most is not None and most > LARGEST


def is_string(kind: pa.DataType) -> bool:
    """Tell whether an Arrow type is text of any layout."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_ascii(values: pa.ChunkedArray) -> bool:
    """Tell whether every character of a text column is ASCII; an empty column is."""
    return pc.all(pc.string_is_ascii(values), min_count=0).as_py() is not False
