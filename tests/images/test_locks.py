"""The images' locks agree with the one that the tests run with, and nobody imports what an image leaves out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {"hub": "requirements-hub.lock", "portal": "requirements-portal.lock", "lab": "requirements.lock"}
PIN = re.compile(r"^([\w.-]+)==(\S+)( ; [^\\]*)?", re.MULTILINE)
PROCESSES = {"hub": ("hub/uraniborg_hub",), "portal": ("portal/uraniborg_portal",), "lab": ("extensions/uraniborg",)}
"""Packages that run in each image. The lab's server is `uraniborg_hub.lab`, which the hub's row holds."""


def pins(lock: str) -> set[tuple[str, str, str]]:
    """Name, version and condition of every package of a lock."""
    return set(PIN.findall((ROOT / lock).read_text()))


def left_out(image: str) -> set[str]:
    """Packages that an image leaves out of its lock."""
    lines = (ROOT / "images" / image / "left-out.txt").read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def imported(folder: Path) -> set[str]:
    """Top-level names that a package's modules import, wherever in the file."""
    names: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("lock", [*LOCKS.values(), "requirements-install.lock"])
def test_versions_are_those_that_were_tested(lock: str) -> None:
    tested = {(name, version) for name, version, _ in pins("requirements-dev.lock")}
    names = {name for name, _ in tested}
    assert not {(name, version) for name, version, _ in pins(lock) if name in names} - tested


@pytest.mark.parametrize("image", [name for name in LOCKS if name != "lab"])
def test_every_package_of_a_service_was_tested(image: str) -> None:
    assert {name for name, *_ in pins(LOCKS[image])} <= {name for name, *_ in pins("requirements-dev.lock")}


@pytest.mark.parametrize("image", LOCKS)
def test_what_is_left_out_is_in_the_lock(image: str) -> None:
    assert left_out(image) <= {name for name, *_ in pins(LOCKS[image])}


@pytest.mark.parametrize("image", LOCKS)
def test_nobody_in_the_image_imports_what_is_left_out(image: str) -> None:
    modules = {name.replace("-", "_") for name in left_out(image)}
    used = set().union(*(imported(ROOT / folder) for folder in PROCESSES[image]))
    assert not modules & used


def test_the_labs_server_imports_nothing_left_out() -> None:
    modules = {name.replace("-", "_") for name in left_out("lab")}
    assert not modules & imported(ROOT / "hub/uraniborg_hub/lab")
