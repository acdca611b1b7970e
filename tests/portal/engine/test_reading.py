"""Ranges are joined without losing any; a plan's files are named one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.install import install
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.reading import joined
from uraniborg_portal.settings import QueryLimits


@given(st.lists(st.integers(0, 10_000), max_size=80, unique=True), st.integers(1, 20), st.integers(1, 8))
def test_joined_ranges_hold_all(numbers: list[int], most: int, few: int) -> None:
    ends = sorted(numbers)[: len(numbers) // 2 * 2]
    ranges = tuple(zip(ends[::2], ends[1::2], strict=True))
    fewer = joined(ranges, most, few)
    asked, read = (sum(high - low for low, high in each) for each in (ranges, fewer))
    assert len(fewer) <= most
    assert read <= 2 * asked or len(fewer) == min(most, len(ranges))
    assert len(fewer) <= few or len(fewer) == len(ranges) or read > asked
    assert all(any(low <= a and b <= high for low, high in fewer) for a, b in ranges)
    assert list(fewer) == sorted(fewer)


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_no_value_is_never_a_number(tmp_path: Path, kind: str) -> None:
    """Statistics of Parquet leave NaN out: the engine must not believe that there is none."""
    size = 3000
    values = np.random.default_rng(1).uniform(1, 2, size).astype(kind)
    values[::7] = np.nan
    values[1::7] = np.inf
    where = {"ra": np.linspace(0, 359, size), "dec": np.linspace(-80, 80, size)}
    entry = Entry(name="sky", title="Sky", position=Position(ra="ra", dec="dec"))
    install(pa.table({"id": np.arange(size), **where, "x": values}), entry, tmp_path / "catalogs")
    engine = Engine(CatalogRegistry(tmp_path / "catalogs"), QueryLimits(), tmp_path / "spill")
    try:
        adql = "SELECT COUNT(x) AS n, COUNT(*) AS m, MIN(x) AS low FROM sky WHERE id >= 0"
        (counted,) = engine.run(adql, 10).table.to_pylist()
        assert (counted["n"], counted["m"], counted["low"] >= 1) == (size - len(values[::7]), size, True)
        for condition, rows in {"x IS NULL": len(values[::7]), "x > 2": len(values[1::7]), "NOT x > 0": 0}.items():
            found = engine.run(" ".join(["SELECT COUNT(*) AS n FROM sky WHERE", condition]), 10).table["n"]
            assert found.to_pylist() == [rows], condition
        assert engine.run("SELECT x FROM sky", size).table["x"].null_count == len(values[::7])
    finally:
        engine.close()
