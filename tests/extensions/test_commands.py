"""`uraniborg query` on a live portal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from astropy.table import Table

ADQL = "SELECT TOP 5 hip, ra, dec, vmag FROM hipparcos"


def command(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "uraniborg.cli", "query", *arguments]
    return subprocess.run(argv, input=text, capture_output=True, text=True, timeout=60, check=False)


def test_rows_are_printed_with_units(portal_url: str) -> None:
    done = command(ADQL, "--url", portal_url)
    assert done.returncode == 0, done.stderr
    assert "deg" in done.stdout
    assert "5 rows" in done.stderr


def test_query_from_standard_input(portal_url: str) -> None:
    assert command("-", "--url", portal_url, text=ADQL).returncode == 0


@pytest.mark.parametrize("name", ["stars.vot", "stars.fits", "stars.csv"])
def test_format_follows_the_extension(portal_url: str, tmp_path: Path, name: str) -> None:
    done = command(ADQL, "-o", str(tmp_path / name), "--url", portal_url)
    assert done.returncode == 0, done.stderr
    assert len(Table.read(tmp_path / name)) == 5
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_parquet(portal_url: str, tmp_path: Path) -> None:
    command(ADQL, "-o", str(tmp_path / "stars.parquet"), "--url", portal_url)
    assert pq.read_table(tmp_path / "stars.parquet").num_rows == 5


def test_a_file_is_never_overwritten(portal_url: str, tmp_path: Path) -> None:
    target = tmp_path / "stars.csv"
    target.write_text("mine")
    done = command(ADQL, "-o", str(target), "--url", portal_url)
    assert (done.returncode, target.read_text()) == (1, "mine")
    assert "not overwritten" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("SELECT magg FROM hipparcos",), "magg"),
        ((ADQL, "-o", "stars.xyz"), "no format is known"),
    ],
)
def test_failures_are_one_sentence(portal_url: str, arguments: tuple[str, ...], words: str) -> None:
    done = command(*arguments, "--url", portal_url)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_nobody_there(tmp_path: Path) -> None:
    done = command(ADQL, "--url", "http://127.0.0.1:9/")
    assert done.returncode == 1
    assert "No portal answers" in done.stderr
