"""`uraniborg instrument` on the real sample."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from uraniborg_portal.errors import BadParameter, Conflict
from uraniborg_portal.instruments.cli import parse, register


def call(*words: str) -> tuple[str, BaseException | None]:
    """Run the verb: what it prints to standard output, and how it failed."""
    root = typer.Typer()
    register(root)
    result = CliRunner().invoke(root, ["instrument", *words])
    return result.stdout, result.exception


def test_list_and_show() -> None:
    assert "gw" in call("list")[0]
    shown = call("show", "gw")[0]
    assert "--band-low" in shown
    assert "Hz" in shown


def test_run_writes_files_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("URANIBORG_HOME", str(tmp_path / "home"))
    words = ("run", "gw", "--event", "GW150914", "--product", "strain", "--window=0.1", "-o", str(tmp_path / "out"))
    output, error = call(*words)
    assert error is None
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert sorted(Path(line).name for line in output.split()) == written
    assert "GW150914_H1_whitened.ecsv" in written
    document = json.loads((tmp_path / "out" / "GW150914_H1_whitened.product.json").read_text())
    assert document["parameters"]["window"] == 0.1
    assert isinstance(call(*words)[1], Conflict)


WORDS = [
    (["--window", "0.5"], {"window": "0.5"}),
    (["--band-low=40"], {"band_low": "40"}),
    (["--notch", "false"], {"notch": False}),
    (["--notch=True", "--time", "-1"], {"notch": True, "time": "-1"}),
]


@pytest.mark.parametrize(("words", "values"), WORDS)
def test_options_are_parameters(words: list[str], values: dict[str, object]) -> None:
    assert parse(words, frozenset({"notch"})) == values


@pytest.mark.parametrize("words", [["--window"], ["0.5"], ["--a", "1", "b"]])
def test_other_words_are_refused(words: list[str]) -> None:
    with pytest.raises(BadParameter, match="--name value"):
        parse(words, frozenset())


def test_refusals_come_through() -> None:
    assert isinstance(call("run", "gw", "--window", "99")[1], BadParameter)
