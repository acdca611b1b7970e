"""Columns of HATS tables that hold arrays: lists of numbers, and light curves, whose fields are such lists.

LSDB and nested-pandas store a nested column as a structure of lists of one length (`lc: struct<mjd: list<double>, …>`);
other programs write lists of structures. Each field is a column of its own here: `lc_mjd`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from uraniborg_portal.catalogs import datatypes

ROWS = "[]"
"""Behind the name of a stored column of lists of structures, in the path of a field."""
BETWEEN = "."
NUMBERS = ("short", "int", "long", "float", "double")


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a stored column is to queries, or a field of it."""

    name: str
    field: pa.Field
    """What the file says of it."""
    stored: str | None
    """Its path in the files where that is not its name: `lc.mjd`, or `lc[].mjd` in lists of structures."""
    datatype: str | None
    """Of the numbers in its arrays; None where it can't be served."""


def parts(field: pa.Field) -> Iterator[Part]:
    """Give the arrays of a stored column that is no scalar; one without a datatype stands for what can't be served."""
    kind, of_rows = field.type, _is_list(field.type) and pa.types.is_struct(field.type.value_type)
    if of_rows:
        kind = kind.value_type
    if not pa.types.is_struct(kind):
        yield Part(name=field.name, field=field, stored=None, datatype=_numbers(kind))
        return
    named = BETWEEN not in field.name and not field.name.endswith(ROWS)
    for inner in kind:
        datatype = _of(inner.type) if of_rows else _numbers(inner.type)
        yield Part(
            name=f"{field.name}_{inner.name}",
            field=inner,
            stored=f"{field.name}{ROWS if of_rows else ''}{BETWEEN}{inner.name}",
            datatype=datatype if named and inner.name else None,
        )


def path_of(stored: str) -> tuple[str, str, bool]:
    """Give the stored column of a path, the field in it, and whether it holds lists of structures."""
    column, _, name = stored.partition(BETWEEN)
    return column.removesuffix(ROWS), name, column.endswith(ROWS)


def _numbers(kind: pa.DataType) -> str | None:
    return _of(kind.value_type) if _is_list(kind) else None


def _of(kind: pa.DataType) -> str | None:
    datatype = datatypes.votable(pa.chunked_array([], kind))
    return datatype if datatype in NUMBERS else None


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))
