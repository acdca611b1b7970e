"""Files in parts that fit into memory: the units that an ingest does and records, and the rows of each."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv as arrow_csv

from uraniborg_portal.catalogs import layout, read
from uraniborg_portal.catalogs.ingest import text
from uraniborg_portal.catalogs.readers import csv, fits, parquet, quotes
from uraniborg_portal.catalogs.readers.source import Source
from uraniborg_portal.catalogs.shard import Indices

PART_BYTES = text.BLOCK
"""Bytes of a unit of a binary table."""
HEAD_BYTES = 4 << 20
"""Bytes of a CSV file from which types and positions are guessed."""
HEAD_ROWS = 50_000
Types = dict[str, pa.DataType]


@dataclass(frozen=True, kw_only=True)
class Span:
    """A part of a file: bytes of plain CSV, row groups of Parquet, rows of FITS, and of others the whole file."""

    start: int = 0
    stop: int | None = None
    """None: to the end."""
    line: int = 1
    """Number of its first line or row, from 1."""


@dataclass(frozen=True, kw_only=True)
class Reject:
    """A row, or a file, that is kept aside."""

    line: int
    """Number of its line (CSV) or row, from 1; 0 for a whole file."""
    reason: str
    row: str = ""
    """What it holds."""


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Rows of a file, in its order."""

    source: Source
    line: int
    """Number of the first line or row."""
    invalid: tuple[Reject, ...] = ()
    """Rows that are none of the table: with too many or too few fields."""
    wrong: dict[int, str] = field(default_factory=dict)
    """What is wrong with rows of the table that hold a value of another type than was declared, by number from 0."""
    content: bytes | None = None
    """The text of the rows, where they are text."""
    delimiter: str = ","

    def places(self, numbers: Indices) -> Iterator[tuple[int, str]]:
        """Give line and text of rows of the table."""
        if self.content is None:
            for number in numbers:
                row = self.source.table.slice(number, 1).to_pylist()[0]
                yield self.line + int(number), json.dumps(row, default=str, ensure_ascii=False)
            return
        wanted, width, valid = set(numbers.tolist()), self._width, 0
        for row in text.rows(self.content, self.line, self.delimiter):
            if len(row.fields) == width:
                if valid in wanted:
                    yield row.line, self.delimiter.join(row.fields)
                valid += 1

    @property
    def _width(self) -> int:
        return len(self.source.table.column_names) + len(self.source.left_out)


def spans(path: Path, kind: str) -> tuple[Span, ...]:
    """Cut a file of the kind that `read.format_of` names into units."""
    if kind == "CSV" and not _packed(path):
        return _spans_of_text(path)
    if kind == "Parquet":
        return tuple(_spans_of_parquet(path))
    if kind == "FITS" and not _packed(path):
        rows, width = fits.size(path)
        step = max(1, PART_BYTES // max(width, 1))
        return tuple(Span(start=at, stop=min(at + step, rows), line=at + 1) for at in range(0, max(rows, 1), step))
    return (Span(),)


def head(path: Path, kind: str) -> Source:
    """Give the first rows of a file, and what it says of its columns."""
    if kind == "CSV":
        dialect = csv.dialect_of(path)
        with csv.opened(path) as stream:
            stream.read(dialect.start)
            content = stream.read(HEAD_BYTES)
        whole = content[: text.cut(content)] if len(content) == HEAD_BYTES else content
        return _of_text(whole or content, dialect, {}, {}, 1).source
    if kind == "Parquet":
        file = pq.ParquetFile(path)
        batch = next(file.iter_batches(HEAD_ROWS), None)
        rows = file.schema_arrow.empty_table() if batch is None else pa.Table.from_batches([batch])
        return parquet.described(_without_hats(rows))
    if kind == "FITS":
        return fits.read(path, 0, HEAD_ROWS)
    return read.untidied(path)


def chunks(path: Path, kind: str, span: Span, guessed: Types, declared: Types) -> Iterator[Chunk]:
    """Give the rows of a unit.

    Parameters
    ----------
    path, kind, span
        The unit.
    guessed
        Types that text probably has, by column; other values give the column another type.
    declared
        Types that text must have; rows with other values are `wrong`.
    """
    if kind == "CSV":
        yield from _chunks_of_text(path, span, guessed, declared)
    elif kind == "Parquet":
        yield from _chunks_of_parquet(path, span)
    else:
        source = fits.read(path, span.start, span.stop) if kind == "FITS" else read.untidied(path)
        yield Chunk(source=source, line=span.line)


def _packed(path: Path) -> bool:
    return path.name.lower().endswith(read.COMPRESSED)


def _spans_of_text(path: Path) -> tuple[Span, ...]:
    dialect, size = csv.dialect_of(path), path.stat().st_size
    if size <= 1.5 * text.BLOCK:
        return (Span(start=dialect.start, stop=size, line=dialect.line),)
    with path.open("rb") as file:
        file.seek(dialect.start)
        found = text.blocks(file, dialect.start, dialect.line)
        return tuple(Span(start=each.start, stop=each.start + len(each.content), line=each.line) for each in found)


def _chunks_of_text(path: Path, span: Span, guessed: Types, declared: Types) -> Iterator[Chunk]:
    dialect = csv.dialect_of(path)
    if span.stop is not None:
        with path.open("rb") as file:
            file.seek(span.start)
            content = file.read(span.stop - span.start)
        yield _of_text(content, dialect, guessed, declared, span.line)
        return
    with csv.opened(path) as stream:
        stream.read(dialect.start)
        for block in text.blocks(stream, dialect.start, dialect.line):
            yield _of_text(block.content, dialect, guessed, declared, block.line)


def _of_text(content: bytes, dialect: csv.Dialect, guessed: Types, declared: Types, line: int) -> Chunk:
    said = dialect.types | {name: kind for name, kind in declared.items() if name in dialect.names}
    unclosed = quotes.misquoted(content, dialect.delimiter, len(dialect.names))
    misquoted = tuple(_misquoted(content, unclosed, dialect, line))
    content = quotes.without(content, unclosed)
    table, damaged = _parsed(content, dialect, guessed, said)
    wrong: dict[int, str] = {}
    for name, kind in said.items():
        if table[name].type != kind:
            values, unlike = _converted(table[name], kind)
            table = table.set_column(table.column_names.index(name), name, values)
            wrong |= {number: f"{name}: {value!r} is not of type {kind}" for number, value in unlike.items()}
    source = Source(table=table.drop_columns(list(dialect.arrays)), notes=dialect.notes, left_out=dialect.arrays)
    invalid = tuple(_invalid(content, dialect, line)) if damaged else ()
    return Chunk(
        source=source, line=line, invalid=(*misquoted, *invalid), wrong=wrong, content=content,
        delimiter=dialect.delimiter,
    )  # fmt: skip


def _misquoted(content: bytes, found: quotes.Lines, dialect: csv.Dialect, line: int) -> Iterator[Reject]:
    for start, end in found:
        row = content[start:end].decode("utf-8", "replace").rstrip("\r")
        yield Reject(line=line + content.count(b"\n", 0, start), reason=csv.unclosed(dialect), row=row)


def _parsed(content: bytes, dialect: csv.Dialect, guessed: Types, said: Types) -> tuple[pa.Table, int]:
    """Give the rows and how many are damaged: by the guess, else by what is said, else with texts for what is said."""
    tries: list[Types] = [guessed | said, said] if guessed else [said]
    tries += [dict.fromkeys(said, pa.string())] if said else []
    for number, types in enumerate(tries, 1):
        damaged = _Counter()
        try:
            return csv.parsed(content, dialect, types, damaged), damaged.rows
        except pa.ArrowInvalid:
            if number == len(tries):
                raise
    raise AssertionError("there is always a last try")


class _Counter:
    """Skips rows with another number of fields than the header, and counts them."""

    def __init__(self) -> None:
        self.rows = 0

    def __call__(self, row: arrow_csv.InvalidRow) -> str:
        self.rows += 1
        return "skip"


def _invalid(content: bytes, dialect: csv.Dialect, line: int) -> Iterator[Reject]:
    width = len(dialect.names)
    for row in text.rows(content, line, dialect.delimiter):
        if len(row.fields) != width:
            reason = f"it has {len(row.fields)} fields, the header has {width}"
            yield Reject(line=row.line, reason=reason, row=dialect.delimiter.join(row.fields))


def _converted(values: pa.ChunkedArray, kind: pa.DataType) -> tuple[pa.ChunkedArray, dict[int, str]]:
    """Give texts as a type, null where that can't be, and which those are."""
    with contextlib.suppress(pa.ArrowInvalid):
        return pc.cast(values, kind), {}
    converted, unlike = [], {}
    for number, value in enumerate(values.to_pylist()):
        try:
            converted.append(None if value is None else pa.scalar(value).cast(kind).as_py())
        except pa.ArrowInvalid:
            converted.append(None)
            unlike[number] = str(value)
    return pa.chunked_array([pa.array(converted, kind)]), unlike


def _spans_of_parquet(path: Path) -> Iterator[Span]:
    footer = pq.read_metadata(path)
    start, line, rows, size = 0, 1, 0, 0
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        rows, size = rows + group.num_rows, size + group.total_byte_size
        if size >= PART_BYTES or number == footer.num_row_groups - 1:
            yield Span(start=start, stop=number + 1, line=line)
            start, line, rows, size = number + 1, line + rows, 0, 0
    if not footer.num_row_groups:
        yield Span(start=0, stop=0)


def _chunks_of_parquet(path: Path, span: Span) -> Iterator[Chunk]:
    file, line = pq.ParquetFile(path), span.line
    groups = list(range(span.start, span.stop or 0))
    footers = [file.metadata.row_group(number) for number in groups]
    rows, size = sum(each.num_rows for each in footers), sum(each.total_byte_size for each in footers)
    step = rows if size <= 2 * PART_BYTES else max(1, int(rows * PART_BYTES / size))
    for batch in file.iter_batches(max(step, 1), row_groups=groups):
        table = _without_hats(pa.Table.from_batches([batch]))
        yield Chunk(source=parquet.described(table), line=line)
        line += table.num_rows


def _without_hats(table: pa.Table) -> pa.Table:
    dropped = {layout.HEALPIX_COLUMN, *layout.PARTITION_COLUMNS} & set(table.column_names)
    return table.drop_columns(sorted(dropped))
