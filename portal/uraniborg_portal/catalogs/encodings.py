"""How each column of a shard is stored: read fast for the bytes that it takes, which a sample of the rows tells.

Much of what is measured is noise, which no codec shrinks, and which takes several times as long to read out of one:
8,192 numbers take 17 us as they are, 20-45 us of LZ4, and 45-120 us of zstd (pyarrow 26, one core).
Encodings and codecs are those of the Parquet format (parquet-format 2.10, Encodings.md and Compression.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SAMPLE_ROWS, SLICES = 2_048, 4
"""Rows of a shard that are tried, and the runs of neighbours, evenly over the shard, that they come in."""
PLAIN = "PLAIN"
DICTIONARY = "RLE_DICTIONARY"
OTHER = {
    "INT32": "DELTA_BINARY_PACKED",
    "INT64": "DELTA_BINARY_PACKED",
    "FLOAT": "BYTE_STREAM_SPLIT",
    "DOUBLE": "BYTE_STREAM_SPLIT",
    "BYTE_ARRAY": DICTIONARY,
}
"""The encoding that each physical type is tried in beside `PLAIN`: deltas of integers in as many bits as they need, the
n-th bytes of all floats together, texts numbered. Integers split so are newer (2.11) than what many programs read.
"""
NONE, LZ4, ZSTD = "none", "lz4", "zstd"
COSTS = {NONE: 1.0, LZ4: 1.1, ZSTD: 1.5}
"""What a byte of each codec costs: zstd is worth its time where it leaves less than two thirds."""
BEGINNINGS = {NONE: 0, LZ4: 0, ZSTD: 200}
"""What the beginning of each codec costs, in bytes of a sample: zstd takes 25 us before its first byte."""
ENCODING_COST = 1.1
"""What a byte in an encoding other than `PLAIN` costs, beside one in that."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """How the values of a column are stored."""

    encoding: str
    codec: str

    def cost(self, size: int) -> float:
        """Give what so many bytes of a sample cost."""
        return size * COSTS[self.codec] * (1 if self.encoding == PLAIN else ENCODING_COST) + BEGINNINGS[self.codec]


def chosen(rows: pa.Table) -> dict[str, Form]:
    """Choose the form of each column by its path in the file (`lc.mjd.list.element`); equal rows give equal forms."""
    sample, kinds = _sample(rows), _kinds(rows.schema)
    best = dict.fromkeys(kinds, (float("inf"), Form(encoding=PLAIN, codec=NONE)))
    for encodings in (dict.fromkeys(kinds, PLAIN), {path: OTHER.get(kind, PLAIN) for path, kind in kinds.items()}):
        for codec in (LZ4, ZSTD):
            forms = {path: Form(encoding=encoding, codec=codec) for path, encoding in encodings.items()}
            for path, form, size in _sizes(sample, forms):
                found = form.cost(size), form
                best[path] = min(best[path], found, key=lambda each: each[0])
    return {path: form for path, (_, form) in best.items()}


def options(forms: Mapping[str, Form]) -> dict[str, object]:
    """Give what pyarrow's writers take."""
    return {
        "compression": {path: form.codec for path, form in forms.items()},
        "use_dictionary": [path for path, form in forms.items() if form.encoding == DICTIONARY],
        "column_encoding": {path: form.encoding for path, form in forms.items() if form.encoding != DICTIONARY},
    }


def _sample(rows: pa.Table) -> pa.Table:
    if rows.num_rows <= SAMPLE_ROWS:
        return rows
    run = SAMPLE_ROWS // SLICES
    starts = np.linspace(0, rows.num_rows - run, SLICES).astype(np.int64).tolist()
    return pa.concat_tables([rows.slice(start, run) for start in starts]).combine_chunks()


def _kinds(schema: pa.Schema) -> dict[str, str]:
    """Give the physical type of each column by its path; none where a name with a dot in it is the path of another."""
    sink = pa.BufferOutputStream()
    pq.write_metadata(schema, sink)
    columns = pq.ParquetFile(pa.BufferReader(sink.getvalue())).schema
    found: dict[str, str] = {}
    for column in (columns.column(number) for number in range(len(columns))):
        found[column.path] = "" if column.path in found else column.physical_type
    return found


def _sizes(sample: pa.Table, forms: Mapping[str, Form]) -> Iterator[tuple[str, Form, int]]:
    """Give the bytes of each column of a sample in its form, and in the same without a codec."""
    sink = pa.BufferOutputStream()
    pq.write_table(sample, sink, write_statistics=False, store_schema=False, **options(forms))
    footer = pq.read_metadata(pa.BufferReader(sink.getvalue()))
    for group in (footer.row_group(number) for number in range(footer.num_row_groups)):
        for column in (group.column(number) for number in range(group.num_columns)):
            form = forms[column.path_in_schema]
            yield column.path_in_schema, Form(encoding=form.encoding, codec=NONE), column.total_uncompressed_size
            yield column.path_in_schema, form, column.total_compressed_size
