"""Columns as big-endian bytes, row by row, without a loop over rows: VOTable BINARY2 and FITS store numbers alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bytes = npt.NDArray[np.uint8]

DTYPES = {"boolean": "S1", "short": ">i2", "int": ">i4", "long": ">i8", "float": ">f4", "double": ">f8"}
"""What a value of each fixed-size datatype is in VOTable BINARY2 (VOTable 1.4, section 5.2) and in FITS."""


def fixed(values: pa.Array, datatype: str, missing: object, unknown: bytes = b"?") -> npt.NDArray[np.generic]:
    """Give a column of a fixed-size datatype as a big-endian array; NULL is `missing`, of a boolean `unknown`."""
    if datatype == "boolean":
        words = pc.if_else(values, "T", "F").fill_null(unknown.decode("ascii"))
        return np.asarray(words.to_numpy(zero_copy_only=False)).astype("S1")
    filled = values.fill_null(pa.scalar(missing, values.type)) if values.null_count else values
    return np.asarray(filled.to_numpy(zero_copy_only=False)).astype(DTYPES[datatype])


def null_flags(columns: tuple[pa.Array, ...], rows: int) -> Bytes:
    """Give the NULL flags of BINARY2: one bit per column, first column first, shape (rows, bytes)."""
    flags = np.zeros((rows, len(columns)), np.bool_)
    for number, values in enumerate(columns):
        if values.null_count:
            flags[:, number] = values.is_null().to_numpy(zero_copy_only=False)
    return np.packbits(flags, axis=1)


def rows_of(parts: list[npt.NDArray[np.generic]]) -> Bytes:
    """Give fixed-size columns side by side, shape (rows, bytes of a row)."""
    return np.concatenate([_as_bytes(part) for part in parts], axis=1)


def text(values: pa.Array, datatype: str) -> tuple[npt.NDArray[np.int32], pa.Array]:
    """Give the byte length of each value of a text column, and the values as Arrow binary.

    `char` is ASCII; `unicodeChar` is UTF-16 with the most significant byte first. NULL has length 0.
    """
    filled = values.fill_null("") if values.null_count else values
    if datatype == "unicodeChar":
        content = pa.array([value.encode("utf-16-be") for value in filled.to_pylist()], pa.large_binary())
    else:
        content = filled.cast(pa.large_binary())
    return pc.binary_length(content).to_numpy(zero_copy_only=False).astype(np.int32), content


def ragged(parts: list[Bytes | pa.Array]) -> bytes:
    """Give rows made of fixed parts, shape (rows, width), and of variable parts (Arrow binary), in order."""
    columns = [part if isinstance(part, pa.Array) else _as_binary(part) for part in parts]
    joined = pc.binary_join_element_wise(*columns, pa.scalar(b"", pa.large_binary()))
    return b"" if not len(joined) else joined.buffers()[2].to_pybytes()[: pc.sum(pc.binary_length(joined)).as_py()]


def _as_binary(rows: Bytes) -> pa.Array:
    kind = pa.binary(rows.shape[1])
    whole = pa.Array.from_buffers(kind, len(rows), [None, pa.py_buffer(np.ascontiguousarray(rows))])
    return whole.cast(pa.large_binary())


def _as_bytes(values: npt.NDArray[np.generic]) -> Bytes:
    whole = np.ascontiguousarray(values)
    width = whole.dtype.itemsize if whole.ndim == 1 else whole.shape[1] * whole.dtype.itemsize
    return whole.view(np.uint8).reshape(len(whole), width)
