"""A quote that does not close costs its own row, and no other."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.catalogs.add import add
from uraniborg_portal.catalogs.ingest import chunks, text
from uraniborg_portal.catalogs.read import read_files
from uraniborg_portal.catalogs.readers import quotes
from uraniborg_portal.catalogs.wishes import Manner, Wishes
from uraniborg_portal.errors import BadParameter


@pytest.mark.parametrize(
    ("rows", "bad"),
    [
        (["1,a", "2,b"], []),
        (['1,"a"', '2,"b""c"'], []),
        (['1,"a\nb"', "2,c"], []),
        (['1,"a', "2,b", "3,c"], [0]),
        (['1,"a', '2,"b"', '3,"c"'], [0]),
        (['1,"a', '2,"b', "3,c"], [0, 1]),
        (['1,"a"",', "2,b"], [0]),
        (["1,5 feet", '2,3" scope', "3,c"], []),
        (['1,"a\nb"', '2,"c', '3,"d\ne"'], [1]),
        (["1,a", '2,"b'], [1]),
        (['"1', '"2",b'], [0]),
        (['1,"a,x', '2,",",b', "3,c"], [0]),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_whose_quote_does_not_close(rows: list[str], bad: list[int], end: str) -> None:
    content = "".join(row + end for row in rows).encode()
    found = quotes.misquoted(content, ",", 2)
    assert [content[first:after].decode().rstrip("\r") for first, after in found] == [rows[number] for number in bad]
    left = quotes.without(content, found)
    assert left.count(b"\n") == content.count(b"\n")
    kept = [row for row in csv.reader(io.StringIO(left.decode(), newline="")) if row]
    assert len(kept) == len(rows) - len(bad)


CELLS = st.text(alphabet='ab ",\n', max_size=6)


@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8))
def test_what_a_library_writes_is_never_at_fault(rows: list[tuple[str, str, str]]) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(rows)
    assert quotes.misquoted(written.getvalue().encode(), ",", 3) == []


@pytest.mark.parametrize("block", [100, text.BLOCK])
def test_a_row_is_kept_aside_with_its_line_and_all_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(text, "BLOCK", block)
    monkeypatch.setattr(text.blocks, "__defaults__", (block,))
    monkeypatch.setattr(quotes, "LONGEST", 60)
    rows = [f'{number},{number},{number % 90},"star {number}"' for number in range(200)]
    rows[7] = '7,7,7,"never closed'
    rows[120] = '120,120,30,"two\nlines"'
    rows[150] = '150,"150,30,"x"'
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["id,ra,dec,name", *rows, ""]))
    assert (len(chunks.spans(path, "CSV")) > 10) == (block == 100)
    catalog = add((path,), Wishes(name="sky"), tmp_path / "catalogs", None, Manner(max_bad=2))
    assert catalog.rows == 198
    with (tmp_path / "catalogs" / "sky" / "v1" / "rejected" / "rows.csv").open(newline="") as file:
        aside = [(int(row["line"]), row["reason"], row["row"]) for row in csv.DictReader(file)]
    assert [line for line, _, _ in aside] == [9, 153]
    assert aside[0][1:] == ("a quote opens in it that does not close in a row of 4 fields", rows[7])


def test_an_uploaded_file_is_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('id,ra,dec,name\n1,1,1,"a\n2,2,2,b\n')
    with pytest.raises(BadParameter, match="line 2: a quote opens in it that does not close in a row of 4 fields"):
        read_files((path,))
