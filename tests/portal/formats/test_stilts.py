"""STILTS reads what is written here, and finds the same values."""

from __future__ import annotations

import csv
import io
import math
import shutil
import subprocess
from pathlib import Path

import pyarrow as pa
import pytest

from uraniborg_portal.catalogs.datatypes import arrow_of
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.formats import find

pytestmark = [pytest.mark.peers, pytest.mark.timeout(120)]

COLUMNS = (
    Column(name="b", datatype="boolean"),
    Column(name="s", datatype="short"),
    Column(name="i", datatype="int", unit="mag"),
    Column(name="l", datatype="long", ucd="meta.id"),
    Column(name="f", datatype="float"),
    Column(name="d", datatype="double", description="a <number> & more"),
    Column(name="c", datatype="char", arraysize="*"),
    Column(name="u", datatype="unicodeChar", arraysize="*"),
    Column(name="t", datatype="char", arraysize="*", xtype="timestamp"),
    Column(name="v", datatype="double", arraysize="3"),
)
SCRIPT = "\N{MATHEMATICAL SCRIPT CAPITAL A}"
LOW, HIGH = [[sign * 2**bits - (sign > 0) for bits in (15, 31, 63)] for sign in (-1, 1)]
ROWS: list[list[object]] = [
    [True, *LOW, 0.1, 1e300, "plain", f"{SCRIPT}é", "2026-11-22T00:00:00Z", [1.5, 2.0, 3.0]],
    [None, None, None, None, None, None, None, None, None, [1.0, 2.0, 3.0]],
    [False, *HIGH, -1.5, 5e-324, 'a<b>&\'"c"', "Électra, Cen", "1991-04-02", [0.0, -1.0, 1e-9]],
]


@pytest.fixture(scope="module")
def stilts() -> str:
    """The command; skips where it is not installed."""
    found = shutil.which("stilts")
    if found is None:
        pytest.skip("STILTS is not installed (Debian: apt install stilts)")
    return found


def written(name: str, rows: list[list[object]], folder: Path) -> Path:
    """Write rows, each as a batch of its own."""
    schema = pa.schema([(column.name, arrow_of(column)) for column in COLUMNS])
    names = [column.name for column in COLUMNS]
    tables = [pa.Table.from_pylist([dict(zip(names, row, strict=True))], schema=schema) for row in rows]
    answer = QueryResult(
        table=pa.concat_tables(tables or [schema.empty_table()]), columns=COLUMNS, overflow=True, adql="SELECT 'é' < 1"
    )
    how = find(name)
    path = folder / f"table{how.extension}"
    path.write_bytes(b"".join(how.write(answer)))
    return path


def read(stilts: str, path: Path, kind: str) -> list[dict[str, str]]:
    """The cells as STILTS has them."""
    command = [stilts, "tpipe", f"in={path}", f"ifmt={kind}", "ofmt=csv"]
    # What it writes is in the character set of its environment.
    options = {"JAVA_TOOL_OPTIONS": "-Dfile.encoding=UTF-8", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, timeout=100, check=False, env=options)
    assert done.returncode == 0, done.stderr.decode()
    return list(csv.DictReader(io.StringIO(done.stdout.decode())))


def same(cell: str, value: object) -> bool:
    """Whether a cell of STILTS is a value."""
    if value is None:
        return cell in ("", "NaN")
    if isinstance(value, bool):
        return cell.lower() == str(value).lower()
    if isinstance(value, list):
        return [float(number) for number in cell.strip("()").replace(",", " ").split()] == value
    return math.isclose(float(cell), value, rel_tol=1e-7) if isinstance(value, int | float) else cell == value


@pytest.mark.parametrize(
    ("name", "kind"), [("votable", "votable"), ("votable/b", "votable"), ("votable/td", "votable"), ("fits", "fits")]
)
def test_all_types_are_read(stilts: str, tmp_path: Path, name: str, kind: str) -> None:
    found = read(stilts, written(name, ROWS, tmp_path), kind)
    assert len(found) == len(ROWS)
    wrong = [
        (column.name, row[column.name], value)
        for row, values in zip(found, ROWS, strict=True)
        for column, value in zip(COLUMNS, values, strict=True)
        # FITS has no characters but ASCII: its readers take UTF-8 for Latin.
        if not (same(row[column.name], value) or (kind == "fits" and column.name == "u"))
    ]
    assert not wrong


def test_csv_is_read(stilts: str, tmp_path: Path) -> None:
    found = read(stilts, written("csv", ROWS, tmp_path), "csv")
    assert [row["c"] for row in found] == ["plain", "", 'a<b>&\'"c"']
    assert [row["l"] for row in found] == [str(-(2**63)), "", str(2**63 - 1)]


@pytest.mark.parametrize("name", ["votable", "votable/b", "votable/td", "fits"])
def test_no_rows_are_read(stilts: str, tmp_path: Path, name: str) -> None:
    assert read(stilts, written(name, [], tmp_path), name.partition("/")[0]) == []


@pytest.mark.parametrize("name", ["votable", "votable/b", "votable/td"])
def test_votlint_finds_no_error(stilts: str, tmp_path: Path, name: str) -> None:
    path = written(name, ROWS, tmp_path)
    done = subprocess.run([stilts, "votlint", str(path)], capture_output=True, text=True, timeout=100, check=False)
    assert "ERROR" not in done.stdout + done.stderr, done.stdout + done.stderr
