"""CSV and its relatives (tab, semicolon, bar; compressed), and ECSV with its header of units and descriptions."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv

from uraniborg_portal.catalogs.readers.source import Source
from uraniborg_portal.catalogs.statistics import Note

SUFFIXES = (".csv", ".tsv", ".ecsv", ".txt", ".dat")
DELIMITERS = ",;\t| "
ECSV_MARK = "# %ECSV"
_HEAD_BYTES = 1 << 20
_ECSV_TYPES = {
    "bool": pa.bool_(), "int8": pa.int8(), "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64(),
    "uint8": pa.uint8(), "uint16": pa.uint16(), "uint32": pa.uint32(), "uint64": pa.uint64(),
    "float16": pa.float32(), "float32": pa.float32(), "float64": pa.float64(), "string": pa.string(),
}  # fmt: skip


def read(path: Path) -> Source:
    """Read a CSV or ECSV file: the delimiter is found in the header line, types in the values, empty cells are null.

    Raises
    ------
    ValueError
        The text is not a table.
    """
    comments, header = _head(path)
    ecsv = bool(comments) and comments[0].startswith(ECSV_MARK)
    about = _ecsv_header(comments) if ecsv else {"datatype": [], "delimiter": None}
    delimiter = about.get("delimiter") or (" " if ecsv else _delimiter(header))
    types = {column["name"]: _ECSV_TYPES.get(column["datatype"]) for column in about["datatype"]}
    known = {name: kind for name, kind in types.items() if kind is not None}
    table = _parsed(path, len(comments), delimiter, known)
    clocks = {field.name: pa.string() for field in table.schema if pa.types.is_temporal(field.type)}
    if clocks:
        # Right ascensions like 05:35:17 are no times of day, and times are texts as they are written.
        table = _parsed(path, len(comments), delimiter, known | clocks)
    bad = [field.name for field in table.schema if pa.types.is_binary(field.type)]
    if bad:
        raise ValueError(f"the column {bad[0]!r} is not UTF-8")
    arrays = tuple(column["name"] for column in about["datatype"] if "subtype" in column)
    return Source(table=table.drop_columns(list(arrays)), notes=_notes(about["datatype"]), left_out=arrays)


def _parsed(path: Path, skipped: int, delimiter: str, types: dict[str, pa.DataType]) -> pa.Table:
    return csv.read_csv(
        _open(path),
        read_options=csv.ReadOptions(skip_rows=skipped),
        parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=csv.ConvertOptions(strings_can_be_null=True, column_types=types),
    )


def _open(path: Path) -> pa.NativeFile:
    return pa.input_stream(str(path), compression="detect")


def _head(path: Path) -> tuple[list[str], str]:
    """Give the comment lines at the top, and the header line."""
    with _open(path) as stream:
        lines = stream.read(_HEAD_BYTES).decode("utf-8-sig", "replace").splitlines()
    comments = list(takewhile(lambda line: line.startswith("#"), lines))
    if len(lines) == len(comments):
        raise ValueError("it has no header line")
    return comments, lines[len(comments)]


def _delimiter(header: str) -> str:
    counts = {delimiter: header.count(delimiter) for delimiter in DELIMITERS}
    best = max(counts, key=lambda delimiter: (counts[delimiter], -DELIMITERS.index(delimiter)))
    return best if counts[best] else ","


def _ecsv_header(comments: list[str]) -> dict[str, Any]:
    from astropy.table.meta import get_header_from_yaml

    header: dict[str, Any] = get_header_from_yaml([line[2:] for line in comments[1:]])
    return header


def _notes(columns: list[dict[str, Any]]) -> dict[str, Note]:
    return {
        column["name"]: Note(
            unit=str(column["unit"]) if column.get("unit") else None,
            ucd=(column.get("meta") or {}).get("ucd"),
            description=column.get("description") or "",
        )
        for column in columns
    }
