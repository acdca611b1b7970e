"""A lab that prepares its own folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from uraniborg_hub.lab import notebooks
from uraniborg_hub.lab.home import NOT_WRITABLE, START_FOLDER, prepare


def test_the_start_notebooks_are_copied_where_the_environment_says(tmp_path: Path) -> None:
    prepare({START_FOLDER: str(tmp_path / "start")})
    shipped = {path.name for path in notebooks.source().glob("*.ipynb")}
    assert shipped and shipped <= {path.name for path in (tmp_path / "start").iterdir()}


def test_on_a_laptop_the_hub_has_done_it() -> None:
    prepare({})


def test_on_a_full_volume_the_lab_starts_so_that_its_user_can_make_room(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no device that is full")
    for notebook in notebooks.source().rglob("*.ipynb"):
        (tmp_path / f".{notebook.name}.new").symlink_to("/dev/full")
    prepare({START_FOLDER: str(tmp_path)})
    assert "No space left" in capsys.readouterr().err


def test_a_folder_that_can_not_be_written_ends_the_lab_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as end:
        prepare({START_FOLDER: str(tmp_path / "file" / "start")})
    assert end.value.code == NOT_WRITABLE
    assert "can't be written: Not a directory." in capsys.readouterr().err
