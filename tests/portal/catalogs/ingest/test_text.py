"""Blocks of text end where rows end, and lines are numbered as an editor does."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.catalogs.ingest import text

ROWS = st.lists(st.lists(st.text('ab,"\n ', max_size=5), min_size=2, max_size=2), max_size=12)


def written(rows: list[list[str]]) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()


@given(rows=ROWS, size=st.integers(1, 40))
def test_blocks_are_whole_rows_of_the_whole_text(rows: list[list[str]], size: int) -> None:
    content = written(rows)
    blocks = list(text.blocks(io.BytesIO(content), 100, 7, size))
    assert b"".join(block.content for block in blocks) == content
    at, line, found = 100, 7, []
    for block in blocks:
        assert (block.start, block.line) == (at, line)
        at, line = at + len(block.content), line + block.content.count(b"\n")
        found += list(csv.reader(io.StringIO(block.content.decode(), newline="")))
    assert found == rows


@pytest.mark.parametrize(
    ("content", "place"),
    [(b"", 0), (b"a", 0), (b"a\n", 2), (b"a\nb", 2), (b'a\n"b\n', 2), (b'"a\n', 0), (b'"a\nb"\nc', 6)],
)
def test_a_line_break_in_quotes_ends_no_row(content: bytes, place: int) -> None:
    assert text.cut(content) == place


def test_rows_know_their_lines() -> None:
    found = [(row.line, row.fields[0]) for row in text.rows(b'a,1\n\n"b\nb",2\nc,3\n', 10, ",")]
    assert found == [(10, "a"), (12, "b\nb"), (14, "c")]
