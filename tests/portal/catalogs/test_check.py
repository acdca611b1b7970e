"""A check finds what is wrong on disk."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from uraniborg_portal.catalogs.check import findings
from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.install import install
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.registry import CatalogRegistry


@pytest.fixture
def registry(tmp_path: Path) -> CatalogRegistry:
    table = pa.table({"ra": [10.0, 12.0, 14.0, 200.0], "dec": [5.0, 5.0, 5.0, -60.0]})
    install(table, Entry(name="sky", title="", position=Position(ra="ra", dec="dec")), tmp_path)
    return CatalogRegistry(tmp_path)


def words(registry: CatalogRegistry) -> list[str]:
    return [finding.text for finding in findings(registry, "sky")]


def largest(registry: CatalogRegistry) -> Path:
    return max(registry.shards("sky"), key=lambda shard: shard.rows).path


def test_a_whole_catalog_has_no_findings(registry: CatalogRegistry) -> None:
    done: list[float] = []
    assert list(findings(registry, "sky", done.append)) == []
    assert done[-1] == 1.0


def test_missing_and_cut_files_are_found(registry: CatalogRegistry) -> None:
    path = largest(registry)
    path.write_bytes(path.read_bytes()[:100])
    assert any(str(path) in text and "can't be read" in text for text in words(registry))
    path.unlink()
    assert any("has 0 rows" in text or "can't be read" in text for text in words(registry))


def test_lost_rows_and_columns_are_found(registry: CatalogRegistry) -> None:
    path = largest(registry)
    pq.write_table(pq.read_table(path, partitioning=None).slice(1).drop_columns(["dec"]), path)
    found = words(registry)
    assert any("lacks the columns dec" in text for text in found)
    assert any("the description says 3" in text for text in found)


def test_rows_in_the_wrong_cell_or_order_are_found(registry: CatalogRegistry) -> None:
    path = largest(registry)
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.take([2, 1, 0]), path)
    found = list(findings(registry, "sky"))
    assert [finding.serious for finding in found] == [False]
    wrong = table.set_column(2, "_healpix_29", pa.array([0, 1, 2**61]))
    pq.write_table(wrong, path)
    assert any("outside of its cell" in text for text in words(registry))
