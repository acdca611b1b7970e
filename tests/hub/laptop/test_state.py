"""The state folder: made whole or refused in a sentence, never overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from uraniborg_hub.errors import PlatformError
from uraniborg_hub.laptop import state


def test_a_new_folder_is_made_whole(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    state.open_state(home)
    assert (home / "layout").read_text() == "1\n"
    assert all((home / part).is_dir() for part in state.PARTS)
    state.open_state(home)


def test_a_newer_layout_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "layout").write_text("99\n")
    with pytest.raises(PlatformError, match="layout '99'") as caught:
        state.open_state(tmp_path)
    assert str(tmp_path) in caught.value.message
    assert [path.name for path in tmp_path.iterdir()] == ["layout"]


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(PlatformError, match="did not make"):
        state.open_state(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PlatformError, match="is a file") as caught:
        state.open_state(tmp_path / "file" / "home")
    assert "URANIBORG_HOME" in caught.value.remedy


def test_a_disk_without_room_is_a_sentence() -> None:
    with pytest.raises(PlatformError, match="0 MB free; a start needs 200 MB"):
        state.open_state(Path("/proc/uraniborg"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_another_user_is_a_sentence() -> None:
    with pytest.raises(PlatformError, match="not writable"):
        state.open_state(Path("/uraniborg"))


def test_one_platform_a_folder(tmp_path: Path) -> None:
    state.open_state(tmp_path)
    code = (
        "import sys; from pathlib import Path; from uraniborg_hub.laptop import state\n"
        "with state.lock(Path(sys.argv[1])):\n    print('held', flush=True); sys.stdin.read()"
    )
    argv = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(PlatformError, match=f"pid {other.pid}"):
            state.lock(tmp_path)
        other.communicate("")
    state.lock(tmp_path).close()
