"""CSV and its relatives (tab, semicolon, bar; compressed), and ECSV with its header of units and descriptions."""

from __future__ import annotations

import csv as words
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain, takewhile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from uraniborg_portal.catalogs import datatypes
from uraniborg_portal.catalogs.readers import quotes
from uraniborg_portal.catalogs.readers.source import Source
from uraniborg_portal.catalogs.statistics import Note

SUFFIXES = (".csv", ".tsv", ".ecsv", ".txt", ".dat")
DELIMITERS = ",;\t| "
WHOLE = r"^\s*[+-]?[0-9]+\s*$"
ECSV_MARK = "# %ECSV"
LINE_END = b"\n"
_HEAD_BYTES = 1 << 20
_ECSV_TYPES = {
    "bool": pa.bool_(), "int8": pa.int8(), "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64(),
    "uint8": pa.uint8(), "uint16": pa.uint16(), "uint32": pa.uint32(), "uint64": pa.uint64(),
    "float16": pa.float32(), "float32": pa.float32(), "float64": pa.float64(), "string": pa.string(),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How the text of a file is a table."""

    delimiter: str
    names: tuple[str, ...]
    """Columns, as the header line has them."""
    start: int
    """Bytes of comments and header line."""
    line: int
    """Number of the line after the header, from 1."""
    types: dict[str, pa.DataType]
    """Types that an ECSV header names."""
    notes: dict[str, Note]
    arrays: tuple[str, ...]
    """Columns of arrays (ECSV)."""


def read(path: Path, types: Mapping[str, pa.DataType] | None = None) -> Source:
    """Read a CSV or ECSV file: the delimiter is found in the header line, types in the values, empty cells are null.

    Columns whose names in lower case are in `types` have those.

    Raises
    ------
    ValueError
        The text is not a table.
    """
    dialect = dialect_of(path)
    with opened(path) as stream:
        stream.read(dialect.start)
        content = stream.read()
    for start, _ in quotes.misquoted(content, dialect.delimiter, len(dialect.names)):
        raise ValueError(f"line {dialect.line + content.count(LINE_END, 0, start)}: {unclosed(dialect)}")
    said = {name: types[name.lower()] for name in dialect.names if name.lower() in types} if types else {}
    table = parsed(content, dialect, dialect.types | said)
    return Source(table=table.drop_columns(list(dialect.arrays)), notes=dialect.notes, left_out=dialect.arrays)


def unclosed(dialect: Dialect) -> str:
    """Give the words for what is wrong with a line that `quotes.misquoted` finds."""
    return f"a quote opens in it that does not close in a row of {len(dialect.names)} fields"


def dialect_of(path: Path) -> Dialect:
    """Give how a file is to be read, from its beginning.

    Raises
    ------
    ValueError
        It has no header line.
    """
    with opened(path) as stream:
        lines = stream.read(_HEAD_BYTES).splitlines(keepends=True)
    comments = [line.decode("utf-8-sig", "replace").rstrip() for line in takewhile(_is_comment, lines)]
    # Only lines that are looked at are decoded: there may be ten thousands.
    rest = ((number, line.decode("utf-8-sig", "replace")) for number, line in enumerate(lines[len(comments) :]))
    first, header = next(((number, line) for number, line in rest if line.strip()), (0, ""))
    if not header:
        raise ValueError("it has no header line")
    ecsv = bool(comments) and comments[0].startswith(ECSV_MARK)
    about = _ecsv_header(comments) if ecsv else {"datatype": [], "delimiter": None}
    delimiter = about.get("delimiter") or (" " if ecsv else _delimiter(header))
    reader = words.reader(chain([header], (line for _, line in rest)), delimiter=delimiter)
    names = tuple(next(reader))
    if "\ufffd" in "".join(names):
        raise ValueError("its header line is not UTF-8")
    used = len(comments) + first + reader.line_num
    types = {column["name"]: _ECSV_TYPES.get(column["datatype"]) for column in about["datatype"]}
    return Dialect(
        delimiter=delimiter,
        names=names,
        start=sum(len(line) for line in lines[:used]),
        line=used + 1,
        types={name: kind for name, kind in types.items() if kind is not None},
        notes=_notes(about["datatype"]),
        arrays=tuple(column["name"] for column in about["datatype"] if "subtype" in column),
    )


def parsed(
    content: pa.Buffer | bytes,
    dialect: Dialect,
    types: dict[str, pa.DataType],
    invalid: Callable[[csv.InvalidRow], str] | None = None,
) -> pa.Table:
    """Read rows of a text; columns without a type in `types` get that of their values, and times are texts.

    Whole numbers of a column with one above `datatypes.LARGEST` are texts, too: no number here holds all of its digits.

    Raises
    ------
    ValueError
        A value is not of its column's type, a column is not UTF-8, or a row has too many or too few fields where there
        is no `invalid`.
    """
    if not len(content):
        kinds = [types.get(name, pa.null()) for name in dialect.names]
        return pa.table([pa.array([], kind) for kind in kinds], names=list(dialect.names))
    table = _exact(_parsed(content, dialect, types, invalid), content, dialect, types)
    clocks = {field.name: pa.string() for field in table.schema if pa.types.is_temporal(field.type)}
    if clocks:
        # Right ascensions like 05:35:17 are no times of day, and times are texts as they are written.
        types = types | clocks
        table = _exact(_parsed(content, dialect, types, invalid and (lambda row: "skip")), content, dialect, types)
    bad = [field.name for field in table.schema if pa.types.is_binary(field.type)]
    if bad:
        raise ValueError(f"the column {bad[0]!r} is not UTF-8")
    return table


def _parsed(
    content: pa.Buffer | bytes,
    dialect: Dialect,
    types: dict[str, pa.DataType],
    invalid: Callable[[csv.InvalidRow], str] | None,
) -> pa.Table:
    block = min(max(len(content), 1 << 16), (1 << 31) - 1)
    return csv.read_csv(
        pa.BufferReader(content),
        read_options=csv.ReadOptions(column_names=list(dialect.names), use_threads=False, block_size=block),
        parse_options=csv.ParseOptions(
            delimiter=dialect.delimiter, newlines_in_values=True, invalid_row_handler=invalid
        ),
        convert_options=csv.ConvertOptions(strings_can_be_null=True, column_types=types),
    )


def _exact(table: pa.Table, content: pa.Buffer | bytes, dialect: Dialect, types: dict[str, pa.DataType]) -> pa.Table:
    """Give texts in place of doubles that were made of whole numbers which are too large for one."""
    made = [field.name for field in table.schema if pa.types.is_float64(field.type) and field.name not in types]
    large = [name for name in made if (pc.max(pc.abs(table[name])).as_py() or 0) > datatypes.LARGEST]
    if not large:
        return table
    texts = _parsed(content, dialect, types | dict.fromkeys(large, pa.string()), lambda row: "skip")
    for name in large:
        if pc.all(pc.match_substring_regex(texts[name], WHOLE), min_count=0).as_py() is not False:
            table = table.set_column(table.column_names.index(name), name, texts[name])
    return table


def opened(path: Path) -> pa.NativeFile:
    """Open the text of a file that may be compressed."""
    return pa.input_stream(str(path), compression="detect")


def _is_comment(line: bytes) -> bool:
    return line.removeprefix(b"\xef\xbb\xbf").startswith(b"#")


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
