"""A catalog is on disk whole, or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.install import incoming, install
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.errors import BadParameter, Conflict, Unavailable

NAN, INF = float("nan"), float("inf")


def entry(name: str = "stars", **more: object) -> Entry:
    return Entry(**{"name": name, "title": "Stars", "position": Position(ra="ra", dec="dec"), **more})


def rows(size: int = 1000, seed: int = 0) -> pa.Table:
    generator = np.random.default_rng(seed)
    dec = np.degrees(np.arcsin(generator.uniform(-1, 1, size)))
    return pa.table({"id": np.arange(size), "ra": generator.uniform(0, 360, size), "dec": dec})


def test_rows_without_a_position_are_counted_and_left_out(tmp_path: Path) -> None:
    table = pa.table({"ra": [1.0, None, NAN, 4.0, INF], "dec": [1.0, 2.0, 3.0, None, 5.0], "name": list("abcde")})
    catalog = install(table, entry(), tmp_path)
    assert (catalog.rows, catalog.rows_without_position) == (1, 4)


def test_shards_hold_every_row_sorted_in_small_row_groups(tmp_path: Path) -> None:
    install(rows(30_000), entry(rows_per_shard=10_000), tmp_path)
    shards = CatalogRegistry(tmp_path).shards("stars")
    assert sum(shard.rows for shard in shards) == 30_000
    seen: set[int] = set()
    for shard in shards:
        file = pq.ParquetFile(shard.path)
        assert file.metadata.num_rows == shard.rows
        assert max(file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)) <= 8192
        table = file.read()
        index = table["_healpix_29"].to_numpy()
        first, after = shard.healpix_range
        assert (np.diff(index) >= 0).all()
        assert index[0] >= first
        assert index[-1] < after
        seen |= set(table["id"].to_pylist())
    assert len(seen) == 30_000


def test_crowded_sky_gets_finer_shards(tmp_path: Path) -> None:
    crowd = pa.table({"ra": np.linspace(80, 81, 5000), "dec": np.linspace(-70, -69, 5000)})
    install(pa.concat_tables([crowd, rows(500).select(["ra", "dec"])]), entry(rows_per_shard=1000), tmp_path)
    shards = CatalogRegistry(tmp_path).shards("stars")
    assert min(shard.order for shard in shards) == 0
    assert max(shard.order for shard in shards) >= 3
    assert all(shard.rows <= 1000 for shard in shards)


@pytest.mark.parametrize(
    ("ra", "dec", "match"),
    [
        ([1.0], [91.0], "'dec' goes from 91 to 91"),
        ([400.0], [1.0], "'ra' goes from 400"),
        ([None], [1.0], "No row has a position"),
        ([], [], "No row has a position"),
    ],
)
def test_what_is_no_position_is_refused(tmp_path: Path, ra: list[float], dec: list[float], match: str) -> None:
    table = pa.table({"ra": pa.array(ra, pa.float64()), "dec": pa.array(dec, pa.float64())})
    with pytest.raises(BadParameter, match=match):
        install(table, entry(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_taken_name_is_refused_and_kept(tmp_path: Path) -> None:
    install(rows(10), entry(), tmp_path)
    with pytest.raises(Conflict, match="installed already"):
        install(rows(20), entry(), tmp_path)
    assert CatalogRegistry(tmp_path).get("stars").rows == 10


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "is full"), (errno.EACCES, "can't be written"), (errno.EDQUOT, "is full")]
)
def test_a_failing_disk_leaves_nothing_behind(tmp_path: Path, number: int, words: str) -> None:
    with pytest.raises(Unavailable, match=words), incoming(tmp_path, "stars") as work:
        (work / "half").write_text("x")
        raise OSError(number, os.strerror(number))
    assert list(tmp_path.iterdir()) == []


def test_the_loser_of_a_race_says_so(tmp_path: Path) -> None:
    with incoming(tmp_path, "stars") as work:
        (work / "mine").write_text("x")
        with pytest.raises(Conflict, match="Another ingest"):
            install(rows(10), entry(), tmp_path)
    assert not list(tmp_path.glob(".incoming-*"))
    assert (tmp_path / "stars" / "v1" / "mine").read_text() == "x"


def test_a_file_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "catalogs").write_text("a file")
    with pytest.raises(Unavailable, match="can't be written"):
        install(rows(10), entry(), tmp_path / "catalogs")


def test_what_a_killed_process_left_is_swept_after_a_day(tmp_path: Path) -> None:
    for name, age in (("old-x", 2 * 86_400), ("new-x", 60), ("resumable", 2 * 86_400)):
        folder = tmp_path / f".incoming-{name}"
        folder.mkdir()
        os.utime(folder, (folder.stat().st_atime, folder.stat().st_mtime - age))
    with incoming(tmp_path, "stars"):
        assert sorted(path.name for path in tmp_path.iterdir())[:2] == [".incoming-new-x", ".incoming-resumable"]
