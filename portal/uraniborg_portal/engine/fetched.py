"""Row groups of Parquet files in memory: the rows of some HEALPix ranges, and more columns of some of them later."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal.engine.arrow import without_nan
from uraniborg_portal.engine.fetching import NUMBER, Fetch, Shown
from uraniborg_portal.errors import Unavailable

MOST_FILES, MOST_CHUNKS = 256, 100_000
"""Files that stay open, and column chunks that their footers describe, in all; one takes about 1.5 kB."""
MANY = 64
"""Columns that are read at once: of fewer, threads cost more than they give."""
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An open Parquet file."""

    state: tuple[int, ...]
    """What changes where another file takes its place."""
    file: pq.ParquetFile

    @cached_property
    def kinds(self) -> pa.Schema:
        """Give the names and types that the database gives its columns; where there is a zone map all are plain."""
        ints, schema = pa.int32(), self.file.schema_arrow
        return pa.schema([(field.name, ints if pa.types.is_null(field.type) else field.type) for field in schema])

    @cached_property
    def chunks(self) -> int:
        """Give how many column chunks its footer describes."""
        return int(self.file.metadata.num_row_groups * self.file.metadata.num_columns)


class OpenFiles:
    """Parquet files that were read last, with their footers; one that was replaced is opened anew."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Opened] = OrderedDict()
        self._chunks = 0

    def get(self, path: str) -> Opened:
        """Give an open file.

        Raises
        ------
        OSError, pa.ArrowException
            It can't be opened.
        """
        said = Path(path).stat()
        state = (said.st_dev, said.st_ino, said.st_size, said.st_mtime_ns)
        kept = self._kept.pop(path, None)
        if kept is None or kept.state != state:
            self._forget(kept)
            # Not mapped into memory: a file that is cut short is an error then, and not the end of the process.
            kept = Opened(state=state, file=pq.ParquetFile(pa.OSFile(path), pre_buffer=False))
            self._chunks += kept.chunks
        self._kept[path] = kept
        while len(self._kept) > MOST_FILES or (self._chunks > MOST_CHUNKS and len(self._kept) > 1):
            self._forget(self._kept.popitem(last=False)[1])
        return kept

    def _forget(self, kept: Opened | None) -> None:
        # Not closed: rows of the query that runs may be read of it yet. It is when nobody has it any more.
        self._chunks -= kept.chunks if kept else 0


@dataclass(frozen=True, kw_only=True)
class Part:
    """What was read of one row group."""

    file: pq.ParquetFile
    group: int
    rows: pa.RecordBatch
    """The rows that were kept, at least one, with the columns that were read of all."""
    places: Numbers
    """Their places in the row group, rising."""
    first: int
    """The number of the first of them."""


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """Rows in memory, and where they came from."""

    parts: tuple[Part, ...]
    """Row groups in their order."""
    schema: pa.Schema
    """Names and types of the columns that were read of all."""
    kinds: pa.Schema
    """Names and types that the columns of the files have in answers."""

    @property
    def size(self) -> int:
        """Give how many rows there are."""
        return sum(len(part.places) for part in self.parts)

    @property
    def table(self) -> pa.Table:
        """Give the columns that were read of all, and `NUMBER`."""
        whole = pa.Table.from_batches([part.rows for part in self.parts], schema=self.schema)
        return pa.table([*whole.columns, np.arange(self.size)], names=[*self.schema.names, NUMBER])


def fetched(fetch: Fetch, files: OpenFiles) -> Fetched:
    """Read the rows of a fetch.

    Raises
    ------
    Unavailable
        A file can't be read.
    """
    parts, rows = list[Part](), 0
    with readable():
        kinds = files.get(fetch.files[0][0]).kinds
        wanted = pa.schema([kinds.field(name) for name in fetch.columns])
        for path, groups in fetch.files:
            file = files.get(path).file
            for group in groups:
                batch, places = rows_within(fetch, file, group)
                if len(places):
                    kept = pa.record_batch([typed(batch[field.name], field.type) for field in wanted], schema=wanted)
                    parts.append(Part(file=file, group=group, rows=kept, places=places, first=rows))
                    rows += len(places)
    return Fetched(parts=tuple(parts), schema=wanted, kinds=kinds)


def rows_within(fetch: Fetch, file: pq.ParquetFile, group: int) -> tuple[pa.RecordBatch, Numbers]:
    """Give the rows of one row group that lie in the ranges, and their places in it."""
    names = dict.fromkeys((*fetch.columns, fetch.index) if fetch.index else fetch.columns)
    batch = read_group(file, group, list(names))
    if fetch.index is None:
        return batch, np.arange(file.metadata.row_group(group).num_rows)
    # Rows are in the order of the index: each range is a run of them.
    ends = np.searchsorted(batch[fetch.index].to_numpy(), np.asarray(fetch.ranges, np.int64).reshape(-1, 2))
    runs = [np.arange(first, after) for first, after in ends.tolist() if first < after]
    places = np.concatenate(runs) if runs else np.empty(0, np.int64)
    return batch.take(pa.array(places)), places


def shown_rows(held: Fetched, found: pa.Table, shown: Sequence[Shown]) -> pa.RecordBatchReader:
    """Give the rows of an answer row group by row group; those that are sorted otherwise all at once.

    Parameters
    ----------
    held
        What the SQL read.
    found
        What it found: the columns of the answer that have no source, in their order, and then the rows' numbers.
    shown
        The columns of the answer.

    Raises
    ------
    Unavailable
        A file can't be read; when rows are taken.
    """
    made = iter(found.schema.types)
    kinds = [held.kinds.field(each.source).type if each.source is not None else next(made) for each in shown]
    schema = pa.schema(list(zip([each.name for each in shown], kinds, strict=True)))
    whole = as_batch(found)
    order = np.argsort(numbers_of(whole), kind="stable")
    if np.array_equal(order, np.arange(len(order))):
        batches = rising_rows(held, whole, shown, schema)
    else:
        rising = pa.Table.from_batches(rising_rows(held, whole.take(pa.array(order)), shown, schema), schema)
        batches = iter([as_batch(rising).take(pa.array(np.argsort(order)))])
    return pa.RecordBatchReader.from_batches(schema, batches)


def numbers_of(found: pa.RecordBatch) -> Numbers:
    """Give the rows' numbers, which the SQL gives last."""
    return np.asarray(found.column(found.num_columns - 1).to_numpy())


def rising_rows(
    held: Fetched, found: pa.RecordBatch, shown: Sequence[Shown], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Give rows whose numbers rise, row group by row group."""
    numbers, early = numbers_of(found), held.schema.names
    late = list(dict.fromkeys(each.source for each in shown if each.source is not None and each.source not in early))
    ends = np.searchsorted(numbers, [part.first + len(part.places) for part in held.parts]).tolist()
    for part, low, high in zip(held.parts, [0, *ends], ends, strict=False):
        if low == high:
            continue
        some = numbers[low:high] - part.first
        with readable():
            more = read_group(part.file, part.group, late).take(pa.array(part.places[some])) if late else None
        rows = part.rows.take(pa.array(some))
        sources = {name: values for each in (rows, more) if each for name, values in columns_of(each)}
        made = iter(found.slice(low, high - low).columns)
        arrays = [sources[each.source] if each.source is not None else next(made) for each in shown]
        arrays = [without_nan(values) if each.no_nan else values for each, values in zip(shown, arrays, strict=True)]
        yield pa.record_batch([typed(*pair) for pair in zip(arrays, schema.types, strict=True)], schema=schema)


def read_group(file: pq.ParquetFile, group: int, names: list[str]) -> pa.RecordBatch:
    """Read columns of one row group, many of them on all processors that Arrow may use."""
    return as_batch(file.read_row_group(group, columns=names, use_threads=len(names) >= MANY))


def columns_of(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.Array]]:
    """Give names and values of columns."""
    return zip(batch.schema.names, batch.columns, strict=True)


def as_batch(table: pa.Table) -> pa.RecordBatch:
    """Give a table in one piece: to take rows of one costs a tenth of what it costs of several."""
    batches = table.to_batches()
    if len(batches) > 1:
        batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)


def typed(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Give values in a type."""
    return values if values.type == kind else values.cast(kind)


@contextmanager
def readable() -> Iterator[None]:
    """Say of a file that can't be read that it can't."""
    try:
        yield
    except (OSError, LookupError, pa.ArrowException) as error:
        raise Unavailable(
            "The files of a catalog can't be read.", "Check them: uraniborg catalog check NAME."
        ) from error
