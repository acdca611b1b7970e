"""`uraniborg adql check`: what it says, and its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CASE = "SELECT CASE WHEN vmag < 6 THEN 1 END FROM hipparcos"


def check(home: Path, *arguments: str, text: str = "") -> tuple[int, str]:
    """Give the exit code, and what was said."""
    argv = [sys.executable, "-m", "uraniborg.cli", "adql", "check", *arguments]
    environment = os.environ | {"URANIBORG_HOME": str(home)}
    done = subprocess.run(argv, input=text, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "text", "code", "words"),
    [
        (("-",), "SELECT TOP 5 * FROM tap_schema.tables", 0, "valid"),
        (("-",), "SELECT *\nFROM tap_schema.tablez", 1, "Line 2, column 6"),
        (("-",), "SELECT *\nFROM tap_schema.tablez", 1, "Did you mean TAP_SCHEMA.tables"),
        (("-",), 'SELECT "[/red]" FROM tap_schema.tables', 1, "'[/red]'"),
        (("-",), CASE.replace("vmag", "1").replace("hipparcos", "tap_schema.tables"), 0, "valid"),
        (("--grammar", "-"), CASE, 1, "CASE is an extension"),
        (("--grammar", "-"), "SELECT x FROM of_nobody", 0, "valid"),
        (("--grammar", "-"), "SELECT x FROM of_nobody LIMIT 5", 1, "TOP"),
        (("-",), "SELECT table_name FROM tap_schema.tables; -- all\n", 0, "valid"),
        (("--grammar", "-"), "SELECT x FROM of_nobody;", 1, "Line 1, column 24: found ';' at the end"),
        (("--grammar", "-"), "", 1, "The query is empty"),
        (("of-nobody.adql",), "", 1, "can't be read"),
    ],
)
def test_a_query_is_valid_or_the_place_and_the_reason_are_said(
    tmp_path: Path, arguments: tuple[str, ...], text: str, code: int, words: str
) -> None:
    found, said = check(tmp_path, *arguments, text=text)
    assert (found, words in said) == (code, True), said


def test_a_file_is_read_as_utf8(tmp_path: Path) -> None:
    file = tmp_path / "query.adql"
    file.write_text("SELECT 'Ångström' FROM t", "utf-8")
    assert check(tmp_path, "--grammar", str(file))[0] == 0
    file.write_text("SELECT a FROM t", "utf-8-sig")  # Some editors mark a file so.
    assert check(tmp_path, "--grammar", str(file))[0] == 0
    file.write_bytes(b"SELECT '\xff' FROM t")
    assert check(tmp_path, "--grammar", str(file)) == (
        1,
        f"uraniborg: {file} is not text in UTF-8. Save the query as UTF-8.\n",
    )
