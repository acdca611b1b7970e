"""Rows as bytes, most significant first, without a loop over rows: VOTable BINARY and BINARY2, and FITS, alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.formats.batches import NOT_ASCII, REPLACEMENT, TEXTS

Bytes = npt.NDArray[np.uint8]
Values = npt.NDArray[np.generic]

DTYPES = {"boolean": "u1", "short": ">i2", "int": ">i4", "long": ">i8", "float": ">f4", "double": ">f8"}
"""What a value of each fixed-size datatype is in VOTable (VOTable 1.4, section 5.2) and in FITS."""
INTEGERS = ("short", "int", "long")
FLOATS = ("float", "double")
UNKNOWN = ord("?")
"""A boolean without a value in VOTable; 0 in FITS."""
ASTRAL = "[\U00010000-\U0010ffff]"


def length(column: Column) -> int | None:
    """Give how many numbers each value of a column has: 1 for a scalar, None where they differ or it is text."""
    if column.datatype in TEXTS:
        return None
    if not column.arraysize:
        return 1
    sizes = column.arraysize.split("x")
    return int(np.prod([int(size) for size in sizes])) if all(size.isdigit() for size in sizes) else None


def packed(parts: Sequence[Values | pa.Array]) -> memoryview:
    """Give rows made of fixed parts (arrays with a row for each) and of variable ones (Arrow binary), in order."""
    pieces: list[Bytes | pa.Array] = []
    waiting: list[Values] = []
    for part in parts:
        if isinstance(part, pa.Array):
            pieces += [_side_by_side(waiting), part] if waiting else [part]
            waiting = []
        else:
            waiting.append(part)
    if waiting:
        pieces.append(_side_by_side(waiting))
    if len(pieces) == 1 and not isinstance(pieces[0], pa.Array):
        return pieces[0].reshape(-1).data
    columns = [piece if isinstance(piece, pa.Array) else _as_binary(piece) for piece in pieces]
    return joined([*columns, pa.scalar(b"", pa.large_binary())])


def joined(parts: Sequence[pa.Array | pa.Scalar | str]) -> memoryview:
    """Give the bytes of rows whose parts are Arrow text or binary without NULL; the last stands between the others."""
    rows = pc.binary_join_element_wise(*parts)
    if not len(rows):
        return memoryview(b"")
    offsets = np.frombuffer(rows.buffers()[1], np.int64 if pa.types.is_large_binary(rows.type) else np.int32)
    return memoryview(rows.buffers()[2])[: int(offsets[len(rows)])]


def parts_of(values: pa.Array, column: Column, missing: object, unknown: int = UNKNOWN) -> list[Values | pa.Array]:
    """Give what a column is in each row: one part, or how many values there are and then these.

    NULL is `missing` for numbers, `unknown` for booleans, and nothing where the length varies.
    """
    if column.datatype in TEXTS:
        count, content = text(values, column.datatype)
        return [count.astype(">i4"), content]
    size = length(column)
    if size == 1 and not column.arraysize:
        return [fixed(values, column.datatype, missing, unknown)]
    if size is not None:
        return [vectors(values, column.datatype, size, missing, unknown)]
    count, content = variable(values, column.datatype, missing)
    return [count.astype(">i4"), content]


def fixed(values: pa.Array, datatype: str, missing: object, unknown: int = UNKNOWN) -> Values:
    """Give scalars as an array; NULL is `missing`, of a boolean `unknown`."""
    if datatype == "boolean":
        found = np.where(values.fill_null(False).to_numpy(zero_copy_only=False), ord("T"), ord("F")).astype(np.uint8)
        if values.null_count:
            found[values.is_null().to_numpy(zero_copy_only=False)] = unknown
        return found
    filled = values.fill_null(pa.scalar(missing, values.type)) if values.null_count else values
    return np.asarray(filled.to_numpy(zero_copy_only=False))


def vectors(values: pa.Array, datatype: str, size: int, missing: object, unknown: int = UNKNOWN) -> Values:
    """Give arrays of one length, shape (rows, `size`); those that are NULL, shorter or longer are filled or cut."""
    lengths = pc.list_value_length(values).fill_null(0).to_numpy(zero_copy_only=False)
    flat = fixed(values.flatten(), datatype, missing, unknown)
    if np.all(lengths == size):
        return flat.reshape(len(values), size)
    found = np.full((len(values), size), unknown if datatype == "boolean" else missing, flat.dtype)
    rows = np.repeat(np.arange(len(values)), lengths)
    places = np.arange(len(flat)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    inside = places < size
    found[rows[inside], places[inside]] = flat[inside]
    return found


def variable(values: pa.Array, datatype: str, missing: object) -> tuple[npt.NDArray[np.int32], pa.Array]:
    """Give how many numbers each array has, and the arrays as Arrow binary; NULL has none."""
    lengths = pc.list_value_length(values).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int32)
    flat = fixed(values.flatten(), datatype, missing).astype(DTYPES[datatype])
    return lengths, _binary(np.cumsum(lengths, dtype=np.int64) * flat.dtype.itemsize, flat.tobytes())


def null_flags(batch: pa.RecordBatch) -> Bytes:
    """Give the NULL flags of BINARY2: one bit per column, first column first, shape (rows, bytes)."""
    rows, columns = batch.num_rows, batch.num_columns
    flags = np.zeros((rows, (columns + 7) // 8), np.uint8)
    for number, values in enumerate(batch.columns):
        if values.null_count:
            there = np.unpackbits(np.frombuffer(values.buffers()[0], np.uint8), bitorder="little")
            flags[:, number // 8] |= (there[values.offset : values.offset + rows] ^ 1) << (7 - number % 8)
    return flags


def text(values: pa.Array, datatype: str) -> tuple[npt.NDArray[np.int32], pa.Array]:
    """Give how many characters each text has, and the texts as Arrow binary; NULL has none.

    `char` is ASCII, with `?` for what is not; `unicodeChar` is UTF-16, whose units are counted.
    """
    filled = values.fill_null("") if values.null_count else values
    if datatype == "unicodeChar":
        units = pc.utf8_length(filled)
        if not pc.all(pc.string_is_ascii(filled), min_count=0).as_py():
            units = pc.add(units, pc.count_substring_regex(filled, ASTRAL))
        counts = units.to_numpy(zero_copy_only=False).astype(np.int32)
        content = _content(filled).decode().encode("utf-16-be")
        return counts, _binary(np.cumsum(counts, dtype=np.int64) * 2, content)
    if not pc.all(pc.string_is_ascii(filled), min_count=0).as_py():
        filled = pc.replace_substring_regex(filled, NOT_ASCII, REPLACEMENT)
    plain = filled.cast(pa.large_binary())
    return pc.binary_length(plain).to_numpy(zero_copy_only=False).astype(np.int32), plain


def _content(values: pa.Array) -> bytes:
    """Give all texts of an array without NULL, one after the other."""
    offsets = np.frombuffer(values.buffers()[1], np.int32)[values.offset : values.offset + len(values) + 1]
    data = values.buffers()[2]
    return data[int(offsets[0]) : int(offsets[-1])].to_pybytes() if data is not None and len(values) else b""


def _binary(ends: npt.NDArray[np.int64], content: bytes | Bytes) -> pa.Array:
    offsets = np.concatenate([np.zeros(1, np.int64), ends])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content)]
    return pa.Array.from_buffers(pa.large_binary(), len(ends), buffers)


def _side_by_side(parts: list[Values]) -> Bytes:
    fields = [
        (str(number), part.dtype.newbyteorder(">") if part.dtype.itemsize > 1 else part.dtype, part.shape[1:])
        for number, part in enumerate(parts)
    ]
    rows = np.empty(len(parts[0]), np.dtype(fields))
    for number, part in enumerate(parts):
        rows[str(number)] = part
    return rows.view(np.uint8).reshape(len(rows), rows.dtype.itemsize)


def _as_binary(rows: Bytes) -> pa.Array:
    ends = np.arange(1, len(rows) + 1, dtype=np.int64) * rows.shape[1]
    return _binary(ends, np.ascontiguousarray(rows).reshape(-1))
