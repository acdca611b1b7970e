"""Positions as two arrays, of a table in memory. Query workers import it, too."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Positions = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
"""Longitudes and latitudes, degrees; NaN where there are none."""


def positions_in(table: pa.Table, longitude: str, latitude: str) -> Positions:
    """Give two columns of numbers as degrees; NaN for NULL."""
    columns = (table[name].cast(pa.float64(), safe=False) for name in (longitude, latitude))
    first, second = (np.asarray(column.to_numpy(), np.float64) for column in columns)
    return first, second
