"""Rows to which others are appended, and the catalog that they make."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal.catalogs.wishes import Increment, Wishes

SIZE, ROWS_PER_SHARD = 300, 20
SKY = Increment(name="sky")


def rows(seed: int = 4) -> pa.Table:
    """Rows of which a third lies in one field, some at one place, with an identifier that repeats."""
    generator = np.random.default_rng(seed)
    ra, dec = generator.uniform(0, 360, SIZE), np.degrees(np.arcsin(generator.uniform(-1, 1, SIZE)))
    ra[:130], dec[:130] = 80 + generator.normal(0, 0.02, 130), -69 + generator.normal(0, 0.01, 130)
    ra[100:110], dec[100:110] = 45.0, 0.0
    names = pa.array([None if number % 7 == 0 else f"n{number}" for number in range(SIZE)])
    flux = np.where(np.arange(SIZE) % 5 == 0, np.nan, generator.normal(0, 1, SIZE))
    return pa.table({"id": np.arange(SIZE) // 3, "ra": ra, "dec": dec, "name": names, "flux": flux})


def saved(table: pa.Table, path: Path) -> Path:
    """Write a table as Parquet, and give the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    return path


def wishes(margin: float = 600.0) -> Wishes:
    """A catalog `sky` of small shards."""
    return Wishes(name="sky", title="Sky", rows_per_shard=ROWS_PER_SHARD, margin_arcsec=margin)
