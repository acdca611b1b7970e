"""The operator's guide names values, objects and hosts that exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Render

VALUE = re.compile(r"`([a-z][A-Za-z]+(?:\.[A-Za-z]+)+)")
"""A dotted name in code; what follows it (`: value`, `.<trait>`) is left out."""

OTHERS = {"site.yaml"}
"""Dotted names that are no values."""


@pytest.fixture(scope="module")
def guide(pytestconfig: pytest.Config) -> str:
    path: Path = pytestconfig.rootpath / "helm" / "README.md"
    return path.read_text()


@pytest.fixture(scope="module")
def defaults(pytestconfig: pytest.Config) -> dict[str, Any]:
    path: Path = pytestconfig.rootpath / "helm" / "uraniborg" / "values.yaml"
    return yaml.safe_load(path.read_text())


def own_text(guide: str) -> str:
    """The guide without the column of Zero to JupyterHub's names."""
    return re.sub(r"^\| `[^|]+ \| (?=[^|]+ \| [^|]*\|$)", "| ", guide, flags=re.MULTILINE)


def test_values_of_the_guide_exist(guide: str, defaults: dict[str, Any]) -> None:
    names = set(VALUE.findall(own_text(guide))) - OTHERS
    assert len(names) > 20
    for name in names:
        node: Any = defaults
        for part in name.split("."):
            assert isinstance(node, dict), name
            assert part in node or not node, name
            node = node.get(part, {})


def test_objects_of_the_guide_exist(guide: str, render: Render) -> None:
    listed = set(re.findall(r"^\| (?:Deployment|StatefulSet) `F-(\w+)`", guide, re.MULTILINE))
    found = {each["metadata"]["name"] for each in render() if each["kind"] in {"Deployment", "StatefulSet"}}
    assert {f"uraniborg-{name}" for name in listed} == found
