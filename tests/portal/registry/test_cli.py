"""`uraniborg data` in a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from uraniborg_portal.errors import NotFound, Unavailable
from uraniborg_portal.registry.cli import register


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("URANIBORG_HOME", str(tmp_path))
    monkeypatch.setenv("URANIBORG_NETWORK", "false")
    monkeypatch.delenv("URANIBORG_DATA_MIRROR", raising=False)
    root = typer.Typer()
    register(root)
    return lambda *words: CliRunner().invoke(root, ["data", *words])


def test_the_list_says_what_is_here(run: object) -> None:
    lines = {line.split()[0]: line.split()[2] for line in run("list").output.splitlines()[1:]}
    assert lines["gw/skymaps/gwtc/GW150914.fits"] == "yes"
    assert lines["gw/skymaps/gwtc/GW170814.fits"] == "no"


def test_a_sample_is_fetched_from_the_package(run: object) -> None:
    name, path = run("fetch", "gw/skymaps/gwtc/GW150914.fits").output.strip().split("\t")
    assert name == "gw/skymaps/gwtc/GW150914.fits"
    assert Path(path).stat().st_size == 685_440


def test_what_is_not_here_and_what_is_not_known(run: object) -> None:
    assert isinstance(run("fetch", "gw/skymaps/gwtc/GW170814.fits").exception, Unavailable)
    assert isinstance(run("fetch", "nothing").exception, NotFound)
