"""Whole numbers that no signed 64 bits hold keep all their digits: as texts, never as doubles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io.fits import BinTableHDU, Column
from astropy.table import Table

from uraniborg_portal.catalogs.add import add
from uraniborg_portal.catalogs.adopt import adopt
from uraniborg_portal.catalogs.append import append
from uraniborg_portal.catalogs.ingest import chunks, text
from uraniborg_portal.catalogs.read import read_files
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Increment, Wishes
from uraniborg_portal.errors import BadParameter

LARGE, LARGEST = 2**64 - 1, 2**63 - 1


def csv(path: Path, identifiers: list[int]) -> Path:
    rows = [f"{identifier},{number},{number}" for number, identifier in enumerate(identifiers)]
    path.write_text("\n".join(["id,ra,dec", *rows, ""]))
    return path


def parquet(path: Path, identifiers: list[int]) -> Path:
    places = np.arange(len(identifiers), dtype=float)
    table = pa.table({"id": pa.array(identifiers, pa.uint64()), "ra": places, "dec": places})
    pq.write_table(table, path, row_group_size=2)
    return path


def fits(path: Path, identifiers: list[int]) -> Path:
    places = np.arange(len(identifiers), dtype=float)
    Table({"id": np.array(identifiers, np.uint64), "ra": places, "dec": places}).write(path, format="fits")
    return path


def ecsv(path: Path, identifiers: list[int]) -> Path:
    places = np.arange(len(identifiers), dtype=float)
    Table({"id": np.array(identifiers, np.uint64), "ra": places, "dec": places}).write(path, format="ascii.ecsv")
    return path


FORMATS = (csv, parquet, fits, ecsv)


def stored(folder: Path, name: str = "sky", version: int = 1) -> list[int | str]:
    files = (folder / name / f"v{version}" / name).rglob("Npix=*.parquet")
    rows = [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
    return [row["id"] for row in sorted(rows, key=lambda row: row["ra"])]


@pytest.mark.parametrize("write", FORMATS)
@pytest.mark.parametrize(
    ("identifiers", "expected"),
    [
        ([1, LARGEST, 3, 4, 5], [1, LARGEST, 3, 4, 5]),
        ([1, 2, 3, 4, LARGEST + 1], ["1", "2", "3", "4", "9223372036854775808"]),
        ([LARGE, LARGE - 1, 3, 4, 5], ["18446744073709551615", "18446744073709551614", "3", "4", "5"]),
    ],
)
def test_every_digit_is_kept(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write: Callable[[Path, list[int]], Path],
    identifiers: list[int],
    expected: list[int | str],
) -> None:
    # Parts of two rows: what is large in one of them is known to the others later.
    monkeypatch.setattr(chunks, "PART_BYTES", 48)
    monkeypatch.setattr(text, "BLOCK", 60)
    monkeypatch.setattr(text.blocks, "__defaults__", (60,))
    path = write(tmp_path / f"t.{write.__name__}", identifiers)
    catalog = add((path,), Wishes(name="sky", ra="ra:deg", dec="dec:deg"), tmp_path / "catalogs")
    assert catalog.column("id").datatype == ("long" if expected == identifiers else "char")
    assert stored(tmp_path / "catalogs") == expected
    assert read_files((path,)).table["id"].to_pylist() == expected


def test_numbers_with_fractions_stay_numbers(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,ra,dec\n1e30,1,1\n9223372036854775808,2,2\n0.5,3,3\n")
    add((path,), Wishes(name="sky"), tmp_path / "catalogs")
    assert stored(tmp_path / "catalogs") == [1e30, 2.0**63, 0.5]


def test_rows_are_appended_to_the_texts(tmp_path: Path) -> None:
    add((parquet(tmp_path / "a.parquet", [LARGE]),), Wishes(name="sky"), tmp_path / "catalogs")
    append((parquet(tmp_path / "b.parquet", [LARGE - 1, 7]),), Increment(name="sky"), tmp_path / "catalogs")
    assert sorted(map(str, stored(tmp_path / "catalogs", version=2))) == [str(LARGE - 1), str(LARGE), "7"]
    add((csv(tmp_path / "a.csv", [1]),), Wishes(name="small"), tmp_path / "catalogs")
    with pytest.raises(BadParameter, match="'id' holds values"):
        append((parquet(tmp_path / "c.parquet", [LARGE]),), Increment(name="small"), tmp_path / "catalogs")


@pytest.mark.parametrize(("most", "left_out"), [(LARGEST, ()), (LARGE, ("id",))])
def test_in_a_catalog_in_place_they_are_numbers_or_left_out(
    tmp_path: Path, most: int, left_out: tuple[str, ...]
) -> None:
    add((csv(tmp_path / "t.csv", [1]),), Wishes(name="them"), tmp_path / "there")
    table = tmp_path / "there" / "them" / "v1" / "them"
    (shard,) = table.glob("dataset/Norder=*/Dir=*/*.parquet")
    rows = pq.ParquetFile(shard).read()
    rows = rows.set_column(0, "id", pa.array([most], pa.uint64()))
    metadata = table / "dataset" / "_metadata"
    footers: list[pq.FileMetaData] = []
    pq.write_table(rows, shard, metadata_collector=footers)
    footers[0].set_file_path(shard.relative_to(table / "dataset").as_posix())
    pq.write_metadata(rows.schema, metadata, metadata_collector=footers)
    pq.write_metadata(rows.schema, metadata.with_name("_common_metadata"))
    heard: list[tuple[str, ...]] = []
    adopt(table, Wishes(name="sky"), tmp_path / "here", in_place=True, told=heard.append)
    assert heard == [left_out]
    names = [column.name for column in CatalogRegistry(tmp_path / "here").get("sky").columns]
    assert ("id" in names) != bool(left_out)


def test_unsigned_columns_of_fits_keep_their_null(tmp_path: Path) -> None:
    numbers = np.array([0, 5, 65_535], np.uint16)
    column = Column(name="n", format="I", bzero=2**15, null=5 - 2**15, array=numbers)
    places = [Column(name=name, format="D", array=np.arange(3.0)) for name in ("ra", "dec")]
    BinTableHDU.from_columns([column, *places], uint=True).writeto(tmp_path / "t.fits")
    assert read_files((tmp_path / "t.fits",)).table["n"].to_pylist() == [0, None, 65_535]
