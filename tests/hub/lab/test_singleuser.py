"""The lab's server process leaves slow optional packages out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import uraniborg_hub.lab.singleuser
from uraniborg_hub.lab.singleuser import SLOW, Without


@pytest.mark.parametrize(("name", "refused"), [("slow", True), ("slow.part", True), ("slower", False), ("json", False)])
def test_a_package_left_out_looks_not_installed(name: str, refused: bool) -> None:
    finder = Without(frozenset({"slow"}))
    if refused:
        with pytest.raises(ModuleNotFoundError):
            finder.find_spec(name, None)
    else:
        assert finder.find_spec(name, None) is None


def test_the_server_imports_without_them() -> None:
    code = (
        "import sys; from uraniborg_hub.lab.singleuser import SLOW, Without; sys.meta_path.insert(0, Without(SLOW));"
        "import jupyter_events.logger; sys.exit(any(name in sys.modules for name in SLOW))"
    )
    assert SLOW and subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_its_configuration_is_read_and_names_real_extensions() -> None:
    folder = Path(uraniborg_hub.lab.singleuser.__file__).parent / "server"
    server = json.loads((folder / "jupyter_server_config.json").read_text())["ServerApp"]
    ours = [name for name, on in server["jpserver_extensions"].items() if on]
    assert ours == ["uraniborg_hub.lab.policy", "uraniborg_hub.lab.voila"]
    assert json.loads((folder / "labconfig" / "page_config.json").read_text())["disabledExtensions"]
