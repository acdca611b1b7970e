"""Functions that DuckDB lacks, in Python over whole vectors. Only SQL that is made here can name them."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from uraniborg_portal.catalogs.layout import HEALPIX_FUNCTION


def add_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the SQL of a database call them."""
    connection.create_function(
        HEALPIX_FUNCTION,
        pixels,
        ["DOUBLE", "DOUBLE"],
        "BIGINT",
        type=PythonUDFType.ARROW,
        null_handling=FunctionNullHandling.SPECIAL,
    )


def pixels(longitude: pa.ChunkedArray, latitude: pa.ChunkedArray) -> pa.Array:
    """Give the HEALPix index of order 29 (nested) of positions in degrees; NULL where there is no such place."""
    # Astropy, below it, takes half as long to import as a worker to start, and few queries want it.
    from uraniborg_portal.catalogs.shard import healpix_index

    lon, lat = (np.asarray(angles.to_numpy(zero_copy_only=False), float) for angles in (longitude, latitude))
    there = np.isfinite(lon) & (np.abs(lat) <= 90)
    found = np.zeros(len(lon), np.int64)
    found[there] = healpix_index(lon[there], lat[there])
    return pa.array(found, mask=~there)
