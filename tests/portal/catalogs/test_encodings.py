"""What each column of a shard is stored as, and that its rows come back from it, whoever reads."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from uraniborg_portal.catalogs import encodings, write
from uraniborg_portal.catalogs.encodings import DICTIONARY, LZ4, NONE, PLAIN, ZSTD

SIZE = 20_000
DELTA, SPLIT = "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"
SECOND_HALF = np.arange(SIZE) < SIZE // 2
"""Which rows are NULL where only the others have values."""


def columns() -> dict[str, pa.Array]:
    """Columns of every kind, by what they are."""
    random = np.random.default_rng(5)
    normal, few = random.normal(0, 1, SIZE), random.integers(0, 99, SIZE)
    return {
        "noise in 4 bytes": pa.array(normal.astype(np.float32)),
        "noise in 8 bytes": pa.array(normal),
        "noise in 2 bytes": pa.array(normal.astype(np.float16)),
        "noise of integers": pa.array(random.integers(0, 2**62, SIZE)),
        "unsigned noise": pa.array(random.integers(2**63, 2**64, SIZE, np.uint64)),
        "sorted positions": pa.array(np.sort(random.uniform(10, 11, SIZE))),
        "magnitudes": pa.array(random.normal(15, 1, SIZE).astype(np.float32)),
        "single as double": pa.array(normal.astype(np.float32).astype(np.float64)),
        "rounded": pa.array(np.round(normal, 2)),
        "constant": pa.array(np.full(SIZE, 1.5)),
        "all NaN": pa.array(np.full(SIZE, np.nan)),
        "mostly NULL": pa.array(normal, mask=few > 3),
        "all NULL": pa.nulls(SIZE, pa.float32()),
        "no type": pa.nulls(SIZE),
        "positions in a half": pa.array(np.sort(normal), mask=SECOND_HALF),
        "integers": pa.array(few),
        "integers in a half": pa.array(few, mask=SECOND_HALF),
        "short integers": pa.array(few.astype(np.int16)),
        "times": pa.array(random.integers(0, 10**12, SIZE)).cast(pa.timestamp("us")),
        "flags": pa.array(few > 40),
        "names": pa.array([f"S{number}" for number in random.integers(0, 10**9, SIZE)]),
        "classes": pa.array(np.where(few > 2, "STAR", "GALAXY")),
        "classes in a half": pa.array(np.where(few > 2, "STAR", "GALAXY"), mask=SECOND_HALF),
        "bytes": pa.array([b"abc"] * SIZE),
        "list": pa.array([list(range(number % 5)) for number in range(SIZE)], pa.list_(pa.int32())),
        "lc": pa.array([{"mjd": [float(n)] * (n % 3), "band": ["g"] * (n % 2)} for n in range(SIZE)]),
        "with.dot": pa.array(normal),
    }


STORED = {
    "noise in 4 bytes": (PLAIN, NONE),
    "noise in 8 bytes": (PLAIN, NONE),
    "noise in 2 bytes": (PLAIN, NONE),
    "noise of integers": (PLAIN, NONE),
    "unsigned noise": (PLAIN, NONE),
    "sorted positions": (SPLIT, LZ4),
    "magnitudes": (SPLIT, LZ4),
    "single as double": (SPLIT, LZ4),
    "rounded": (PLAIN, ZSTD),
    "constant": (PLAIN, LZ4),
    "all NaN": (PLAIN, LZ4),
    "all NULL": (PLAIN, NONE),
    "no type": (PLAIN, NONE),
    "positions in a half": (SPLIT, LZ4),
    "integers": (DELTA, NONE),
    "integers in a half": (DELTA, NONE),
    "short integers": (DELTA, NONE),
    "times": (DELTA, NONE),
    "flags": (PLAIN, NONE),
    "names": (PLAIN, ZSTD),
    "classes": (DICTIONARY, NONE),
    "classes in a half": (DICTIONARY, NONE),
    "bytes": (DICTIONARY, NONE),
    "list.list.element": (PLAIN, LZ4),
    "lc.mjd.list.element": (SPLIT, LZ4),
    "lc.band.list.element": (DICTIONARY, LZ4),
    "with.dot": (PLAIN, NONE),
}


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    return pa.table(columns() | {"_healpix_29": np.arange(SIZE) << 40})


@pytest.fixture(scope="module")
def shard(rows: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("catalog") / "Npix=1.parquet"
    write.rows(rows, path)
    return path


@pytest.mark.parametrize("path", STORED)
def test_a_column_is_stored_as_its_values_are_read_best(rows: pa.Table, path: str) -> None:
    form = encodings.chosen(rows)[path]
    assert (form.encoding, form.codec) == STORED[path]


def test_the_file_has_the_forms_that_were_chosen(rows: pa.Table, shard: Path) -> None:
    names = {NONE: "UNCOMPRESSED", LZ4: "LZ4", ZSTD: "ZSTD"}
    forms, group = encodings.chosen(rows), pq.read_metadata(shard).row_group(0)
    found = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
    assert {path: column.compression for path, column in found.items()} == {
        path: names[form.codec] for path, form in forms.items()
    }
    assert all(form.encoding in found[path].encodings for path, form in forms.items())


def test_every_value_comes_back(rows: pa.Table, shard: Path) -> None:
    found, no_nan = pq.read_table(shard), rows.drop_columns(["all NaN"])
    assert found.drop_columns(["all NaN"]).equals(no_nan)
    assert np.isnan(found["all NaN"].to_numpy()).all()


def test_every_value_comes_back_through_the_database(rows: pa.Table, shard: Path) -> None:
    found = duckdb.read_parquet(str(shard)).to_arrow_table()
    for name in rows.column_names:
        if name != "all NaN":
            assert found[name].cast(rows[name].type).equals(rows[name]), name


def test_equal_rows_give_equal_bytes_however_they_lie_in_memory(rows: pa.Table, shard: Path, tmp_path: Path) -> None:
    pieces = pa.concat_tables([rows.slice(0, 7_777), rows.slice(7_777, 1), rows.slice(7_778)])
    write.rows(pieces, tmp_path / "again.parquet")
    assert (tmp_path / "again.parquet").read_bytes() == shard.read_bytes()


@pytest.mark.parametrize("size", [0, 1, 2, 2_047, 2_048, 2_049])
def test_few_rows_or_none_come_back(rows: pa.Table, tmp_path: Path, size: int) -> None:
    some = rows.slice(0, size).drop_columns(["all NaN"])
    write.rows(some, tmp_path / "few.parquet")
    assert pq.read_table(tmp_path / "few.parquet").equals(some)


def test_a_name_that_is_the_path_of_another_column_is_stored_with_it(tmp_path: Path) -> None:
    inner = pa.array([{"b": number} for number in range(5_000)])
    both = pa.table({"a": inner, "a.b": np.arange(5_000) / 7, "_healpix_29": np.arange(5_000)})
    write.rows(both, tmp_path / "both.parquet")
    assert pq.read_table(tmp_path / "both.parquet").equals(both)
    (sorted_by,) = pq.read_metadata(tmp_path / "both.parquet").row_group(0).sorting_columns
    assert sorted_by.column_index == 2
