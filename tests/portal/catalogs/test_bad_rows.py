"""Rows and files that can't be used are kept aside with their place and why, up to a number."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from uraniborg_portal.catalogs import layout
from uraniborg_portal.catalogs.add import add
from uraniborg_portal.catalogs.ingest import chunks, text
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.catalogs.wishes import Manner, Wishes
from uraniborg_portal.errors import BadParameter

BAD = """# made by hand
id,ra,dec,mag,name
1,10,20,5.5,a

2,10,95,5.5,b
3,10
4,,,5.5,none
5,x,1,5.5,c
6,10,20,bright,"d
d"
7,10,20,7.5,e
8,inf,20,7.5,e
"""


def kept_aside(folder: Path, name: str = "sky") -> list[tuple[str, int, str]]:
    path = layout.version_folder(folder, name, 1) / "rejected" / "rows.csv"
    with path.open(newline="") as file:
        return [(Path(row["source"]).name, int(row["line"]), row["reason"]) for row in csv.DictReader(file)]


def test_each_with_its_line_and_reason(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(BAD)
    catalog = add((tmp_path / "t.csv",), Wishes(name="sky", types={"mag": "double"}), tmp_path / "catalogs")
    assert (catalog.rows, catalog.rows_without_position) == (2, 1)
    assert kept_aside(tmp_path / "catalogs") == [
        ("t.csv", 5, "'dec' is 95: degrees in -90..90 are accepted"),
        ("t.csv", 6, "it has 2 fields, the header has 5"),
        ("t.csv", 8, "'ra' is 'x': degrees in -360..360 are accepted"),
        ("t.csv", 9, "mag: 'bright' is not of type double"),
        ("t.csv", 12, "'ra' is 'inf': degrees in -360..360 are accepted"),
    ]


@pytest.mark.parametrize(("allowed", "passes"), [(5, True), (4, False), (0, False)])
def test_more_than_allowed_end_the_ingest(tmp_path: Path, allowed: int, passes: bool) -> None:
    (tmp_path / "t.csv").write_text(BAD)

    def added() -> Catalog:
        wishes = Wishes(name="sky", types={"mag": "double"})
        return add((tmp_path / "t.csv",), wishes, tmp_path / "catalogs", None, Manner(max_bad=allowed))

    if passes:
        assert added().rows == 2
    else:
        with pytest.raises(BadParameter, match=r"5 rows can't be used, \d may be .* line 5: 'dec' is 95"):
            added()
        assert not list((tmp_path / "catalogs").iterdir())


@pytest.mark.parametrize("packed", [False, True])
def test_lines_of_later_blocks(tmp_path: Path, packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "BLOCK", 3_000)
    monkeypatch.setattr(text.blocks, "__defaults__", (3_000,))
    lines = [f'{number},{number % 360},{number % 90},"a\nb"' for number in range(2_000)]
    lines[1_500] = "1500,1,999,x"
    content = "\n".join(["id,ra,dec,name", *lines, ""])
    path = tmp_path / ("t.csv.gz" if packed else "t.csv")
    path.write_bytes(gzip.compress(content.encode()) if packed else content.encode())
    assert len(chunks.spans(path, "CSV")) == 1 if packed else len(chunks.spans(path, "CSV")) > 5
    assert add((path,), Wishes(name="sky"), tmp_path / "catalogs").rows == 1_999
    line = content[: content.index("1500,1,999")].count("\n") + 1
    assert [found[1] for found in kept_aside(tmp_path / "catalogs")] == [line]


def test_a_column_whose_numbers_end_late_is_text_throughout(tmp_path: Path) -> None:
    for number, word in enumerate(["007", "1.50", "x", ""]):
        (tmp_path / f"{number}.csv").write_text(
            f"id,ra,dec,word,n\n{number},{number},1,{word},{2.5 if number else 1}\n"
        )
    add((str(tmp_path / "?.csv"),), Wishes(name="sky"), tmp_path / "catalogs")
    files = (tmp_path / "catalogs" / "sky" / "v1" / "sky").rglob("Npix=*.parquet")
    rows = [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
    assert {row["id"]: row["word"] for row in rows} == {0: "007", 1: "1.50", 2: "x", 3: None}
    assert {row["id"]: row["n"] for row in rows} == {0: 1.0, 1: 2.5, 2: 2.5, 3: 2.5}


def test_bad_files(tmp_path: Path) -> None:
    for number in range(3):
        table = pa.table({"id": [number], "ra": [1.0], "dec": [np.nan if number == 2 else 1.0]})
        pq.write_table(table, tmp_path / f"{number}.parquet")
    (tmp_path / "1.parquet").write_bytes(b"PAR1 and nothing else PAR1")
    files, folder = (str(tmp_path / "*.parquet"),), tmp_path / "catalogs"
    with pytest.raises(BadParameter, match=r"1\.parquet can't be read as Parquet"):
        add(files, Wishes(name="sky"), folder)
    with pytest.raises(BadParameter, match=r"1\.parquet can't be read as Parquet"):
        add((), Wishes(name="sky"), folder, None, Manner(resume=True))
    catalog = add((), Wishes(name="sky"), folder, None, Manner(max_bad_files=1, resume=True))
    assert (catalog.rows, catalog.rows_without_position) == (1, 1)
    assert [found[:2] for found in kept_aside(folder)] == [("1.parquet", 0)]
