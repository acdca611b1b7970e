"""Slow optional packages are left out, and what uses them goes on."""

from __future__ import annotations

import subprocess
import sys

import pytest

from uraniborg_hub.omissions import SLOW, Without


@pytest.mark.parametrize(("name", "refused"), [("slow", True), ("slow.part", True), ("slower", False), ("json", False)])
def test_a_package_left_out_looks_not_installed(name: str, refused: bool) -> None:
    finder = Without(frozenset({"slow"}))
    if refused:
        with pytest.raises(ModuleNotFoundError):
            finder.find_spec(name, None)
    else:
        assert finder.find_spec(name, None) is None


def test_jupyter_imports_without_them() -> None:
    code = (
        "import sys; from uraniborg_hub.omissions import SLOW, leave_out_slow_packages; leave_out_slow_packages();"
        "import jupyter_events.logger; sys.exit(any(name in sys.modules for name in SLOW))"
    )
    assert SLOW and subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
