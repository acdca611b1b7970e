"""values.schema.json: every value has a description and a default, and every default is described."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from uraniborg_hub.pools.settings import PoolLimits
from uraniborg_portal.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

CHART = "helm/uraniborg"


@pytest.fixture(scope="module")
def schema(pytestconfig: pytest.Config) -> dict[str, Any]:
    return json.loads((pytestconfig.rootpath / CHART / "values.schema.json").read_text())


@pytest.fixture(scope="module")
def defaults(pytestconfig: pytest.Config) -> dict[str, Any]:
    path: Path = pytestconfig.rootpath / CHART / "values.yaml"
    return yaml.safe_load(path.read_text())


def resolved(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """A node with what it refers to."""
    reference = node.get("$ref", "").removeprefix("#/$defs/")
    return {**schema["$defs"][reference], **node} if reference else node


def nodes(schema: dict[str, Any], node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every value below a node, with its path."""
    for name, found in resolved(schema, node).get("properties", {}).items():
        child = resolved(schema, found)
        yield f"{path}.{name}".lstrip("."), child
        yield from nodes(schema, child, f"{path}.{name}")
    items = resolved(schema, node).get("items")
    if isinstance(items, dict):
        yield from nodes(schema, items, f"{path}[]")


def test_is_a_schema(schema: dict[str, Any], defaults: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(defaults)


def test_every_value_is_described(schema: dict[str, Any]) -> None:
    found = dict(nodes(schema, schema))
    assert len(found) > 200
    assert not [path for path, node in found.items() if not node.get("description", "").strip().endswith(".")]


def test_no_table_takes_unknown_names(schema: dict[str, Any]) -> None:
    wide = [
        path
        for path, node in nodes(schema, schema)
        if node.get("type") == "object" and "additionalProperties" not in node and path != "global"
    ]
    assert not wide


def test_every_default_is_in_the_schema_and_back(schema: dict[str, Any], defaults: dict[str, Any]) -> None:
    free = (
        "portal.config.",
        "pools.config.",
        "pools.kubernetes.",
        "labs.limitRange.",
        "networkPolicy.dns.",
        "monitoring.namespaceSelector.",
    )

    def inside(path: str) -> bool:
        """Whether the defaults hold a value at a path."""
        node: Any = defaults
        for name in path.split("."):
            if not isinstance(node, dict) or name not in node:
                return False
            node = node[name]
        return True

    paths = [path for path, _ in nodes(schema, schema) if "[]" not in path and path != "global"]
    assert not [path for path in paths if not inside(path) and not path.startswith(free)]


@pytest.mark.parametrize(("part", "model"), [("portal", Settings), ("pools", PoolLimits)])
def test_settings_of_portal_and_broker_are_theirs(schema: dict[str, Any], part: str, model: type[BaseModel]) -> None:
    for name, node in schema["properties"][part]["properties"]["config"]["properties"].items():
        assert name in model.model_fields, name
        inner = model.model_fields[name].annotation
        assert set(node.get("properties", {})) <= set(getattr(inner, "model_fields", {})), name


@pytest.mark.parametrize("table", ["queries", "async_queries"])
def test_every_setting_of_queries_can_be_given(schema: dict[str, Any], table: str) -> None:
    own = {"scans"}
    """What a value of the chart says."""
    node = schema["properties"]["portal"]["properties"]["config"]["properties"][table]
    assert set(node["properties"]) | own == set(Settings.model_fields[table].annotation.model_fields) | own
