"""The start notebooks run from top to bottom against a live platform, and are kept without outputs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

START = Path(__file__).resolve().parents[2] / "notebooks" / "start"
NOTEBOOKS = sorted(START.glob("*.ipynb"))


@pytest.fixture
def lab_environment(platform: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The variables that a lab of this platform has."""
    monkeypatch.setenv("URANIBORG_PORTAL_URL", f"{platform.url}services/portal/")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", platform.token())
    return


def code(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_there_are_two() -> None:
    assert [path.name for path in NOTEBOOKS] == ["01-stars.ipynb", "02-waves.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_outputs_are_stored(path: Path) -> None:
    assert not [cell.source for cell in code(path) if cell.outputs or cell.execution_count]


@pytest.mark.platform
@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_from_top_to_bottom(path: Path, tmp_path: Path, lab_environment: None) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=200, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [output for output in outputs if is_picture(output)]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]


def is_picture(output: nbformat.NotebookNode) -> bool:
    return "image/png" in output.get("data", {})
