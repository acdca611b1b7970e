"""Arrow bytes and columns as numpy holds them, nothing lost: no value stays masked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from astropy.table import MaskedColumn

MAGIC = b"ARROW1"
"""How an Arrow IPC file starts; a stream starts otherwise."""


def read_arrow(data: bytes) -> pa.Table:
    """Give the table of an Arrow IPC file or stream."""
    reader = pa.ipc.open_file if data.startswith(MAGIC) else pa.ipc.open_stream
    return reader(pa.BufferReader(data)).read_all()


def column_of(column: pa.ChunkedArray) -> npt.NDArray[np.generic] | MaskedColumn:
    """Give the values in numpy: of the same type, masked where null; strings as numpy's own text type."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _text(column)
    if column.null_count == 0:
        return np.asarray(column.to_numpy())
    filler = False if pa.types.is_boolean(column.type) else 0
    values = np.asarray(column.fill_null(filler).to_numpy())
    return MaskedColumn(values, mask=np.asarray(column.is_null().to_numpy()))


def _text(column: pa.ChunkedArray) -> npt.NDArray[np.str_] | MaskedColumn:
    values = np.asarray(column.fill_null("").to_pylist(), dtype=np.str_)
    if column.null_count == 0:
        return values
    return MaskedColumn(values, mask=np.asarray(column.is_null().to_numpy()))
