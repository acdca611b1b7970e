"""What a query would read, as rows: EXPLAIN."""

from __future__ import annotations

import math
from collections.abc import Callable

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.plan import Plan
from uraniborg_portal.engine.reading import Reading, Stored

EXPLAINED = (
    Column(name="table", datatype="char", arraysize="*", description="A table that the query names"),
    Column(
        name="answered_by", datatype="char", arraysize="*",
        description="shards: rows are read; description: the catalog's description knows the answer; service: the "
        "service's own tables",
    ),
    Column(name="shards", datatype="long", description="HEALPix shards that are read"),
    Column(name="of_shards", datatype="long", description="HEALPix shards that the table has"),
    Column(name="rows", datatype="long", ucd="meta.number", description="Rows expected where the query looks"),
    Column(name="bytes", datatype="long", unit="byte", description="Bytes expected to be read from the shards' files"),
    Column(name="columns", datatype="char", arraysize="*", description="Columns that are read"),
)  # fmt: skip
"""The columns of the answer."""


def explained(plan: Plan, stored: Callable[[str], Stored]) -> list[dict[str, object]]:
    """Give a row for each table that a plan reads, with the names of `EXPLAINED`; asks the disk for sizes of files."""
    return [of_reading(reading, stored(reading.catalog)) for reading in plan.readings] + [
        dict.fromkeys(("shards", "of_shards", "rows", "bytes"), 0)
        | {"table": name, "answered_by": "service", "columns": ""}
        for name in plan.described
    ]


def of_reading(reading: Reading, stored: Stored) -> dict[str, object]:
    """Give the row of one table."""
    return {
        "table": reading.catalog,
        "answered_by": reading.answered_by,
        "shards": reading.shards,
        "of_shards": reading.of_shards,
        "rows": reading.rows,
        "bytes": expected_bytes(reading, stored),
        "columns": " ".join(reading.columns),
    }


def expected_bytes(reading: Reading, stored: Stored) -> int:
    """Give the bytes of a reading, as if all rows and all columns of the files were of one size."""
    # The HEALPix index, by which the rows of a range are found, is read beside the columns.
    width = (len(reading.columns) + (reading.ranges is not None)) / (len(stored.catalog.columns) + 1)
    size = sum(file.stat().st_size for file in reading.files)
    return math.ceil(size * width * reading.rows / reading.of_rows) if reading.of_rows else 0
