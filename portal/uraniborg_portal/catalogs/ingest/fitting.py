"""Rows of a file in the columns that a catalog has already: its names, its order, its types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from astropy import units

from uraniborg_portal.catalogs.ingest import types
from uraniborg_portal.catalogs.ingest.base import Base
from uraniborg_portal.catalogs.readers.source import Source
from uraniborg_portal.errors import BadParameter


def arranged(source: Source, base: Base, needed: tuple[str, ...]) -> Source:
    """Give a source with the columns of a catalog, in their order; those that it lacks are NULL.

    Parameters
    ----------
    source
        What a file holds.
    base
        The catalog's columns, and whether others are left out.
    needed
        Columns that the file must have: the position.

    Raises
    ------
    BadParameter
        A column that is needed is missing, or the catalog lacks one of the file's.
    """
    table = source.table
    absent = [name for name in needed if name not in table.column_names]
    if absent:
        raise BadParameter(
            f"The column {absent[0]!r} of the catalog's positions is missing; the columns are: "
            f"{', '.join(table.column_names)[:500]}.",
            "Name its columns as the catalog does.",
        )
    unknown = [name for name in table.column_names if name not in base.columns]
    if unknown and not base.leave_out:
        raise BadParameter(
            f"The catalog has no column {unknown[0]!r}; its columns are: {', '.join(base.columns)[:500]}.",
            "Rename it, or leave out what the catalog does not have with --leave-out-unknown.",
        )
    arrays = [
        table[name] if name in table.column_names else pa.chunked_array([pa.nulls(table.num_rows)])
        for name in base.columns
    ]
    return replace(source, table=pa.table(arrays, names=list(base.columns)), left_out=(*source.left_out, *unknown))


def check_units(source: Source, said: Mapping[str, str | None], converted: tuple[str, ...]) -> None:
    """Refuse a file whose columns are of other units than the catalog's, which `said` gives by column.

    Columns that are converted (the position) may be of any, and where either side says none nothing is compared.

    Raises
    ------
    BadParameter
        A unit is another one.
    """
    parsed: Any = units.Unit
    for name, note in source.notes.items():
        mine, theirs = said.get(name), note.unit
        if name in converted or not mine or not theirs or mine == theirs:
            continue
        one, other = (parsed(word, parse_strict="silent") for word in (mine, theirs))
        if one != other:
            raise BadParameter(
                f"{name!r} is in {theirs!r}, the catalog's column in {mine!r}.", "Convert it to the catalog's unit."
            )


def fitted(table: pa.Table, base: Base) -> pa.Table:
    """Give arranged rows in the types of the catalog's columns.

    A number goes into a column of numbers that holds it: no fraction goes into integers, and nothing out of range; a
    column of 32-bit floats rounds. A catalog's types never change by an append.

    Raises
    ------
    BadParameter
        A value does not fit.
    """
    arrays = [in_type(table[name], name, kind) for name, kind in base.columns.items()]
    return pa.table(arrays, names=list(base.columns))


def in_type(values: pa.ChunkedArray, name: str, kind: str) -> pa.ChunkedArray:
    """Give the values of a column in the type of the catalog's column; fails like `fitted`."""
    target = types.arrow(kind)
    if values.type in (target, pa.null()) or (pa.types.is_uint64(values.type) and kind == "string"):
        return values.cast(target)
    if not (types.is_number(str(values.type)) and types.is_number(kind)):
        raise _unfit(name, str(values.type), kind)
    if pa.types.is_floating(values.type) and pa.types.is_integer(target):
        # Other programs write integers with NULL as floats with NaN.
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
    try:
        return values.cast(target)
    except pa.ArrowInvalid as error:
        raise _unfit(name, str(values.type), kind) from error


def _unfit(name: str, found: str, kind: str) -> BadParameter:
    return BadParameter(
        f"{name!r} holds values ({found}) that the catalog's column, of type {kind}, can't hold.",
        "Convert them, or add all files anew with --replace.",
    )
