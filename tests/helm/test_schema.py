"""values.schema.json: every value has a description and a default, and every default is described."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator

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


OF_THE_CHART = {
    "data_mirror": "dataMirror",
    "database": "database.portal",
    "files": "portal.files.url",
    "files_options": "portal.files.options",
    "jobs.compute": "portal.jobs.compute",
    "queries.scans": "portal.scans.compute",
}
"""Settings of the portal that another value of the chart says."""

OF_ITS_PODS = {"home", "host", "port", "staging", "stop_seconds", "pools_url"}
"""Those that the chart's own objects decide: mounts, Services, how long a pod may take to end."""

BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "pattern", "enum")


def leaves(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The values of a node that hold no further ones, by their dotted names."""
    return {path: found for path, found in nodes(schema, node) if "properties" not in found}


def accepts(node: dict[str, Any]) -> dict[str, Any]:
    """What a value may be: its type and bounds, written in one way for whole numbers."""
    kept = {**node, **next((each for each in node.get("anyOf", []) if each["type"] != "null"), {})}
    found = {name: kept[name] for name in BOUNDS if name in kept}
    if "enum" in found:
        return {"enum": sorted(found["enum"])}
    if kept.get("type") == "integer" and "exclusiveMinimum" in found:
        found["minimum"] = found.pop("exclusiveMinimum") + 1
    inside = kept.get("items") or kept.get("additionalProperties")
    return {"type": kept["type"], "of": inside["type"] if isinstance(inside, dict) else None, **found}


def test_every_setting_of_the_portal_can_be_given_as_the_portal_takes_it(schema: dict[str, Any]) -> None:
    written = Settings.model_json_schema()
    settings = {path: accepts(node) for path, node in leaves(written, written).items()}
    elsewhere = {*OF_THE_CHART, *OF_ITS_PODS}
    assert elsewhere < set(settings)
    config = schema["properties"]["portal"]["properties"]["config"]
    found = {path: accepts(node) for path, node in leaves(schema, config).items()}
    assert found == {path: node for path, node in settings.items() if path not in elsewhere}


def test_what_another_value_says_is_a_value(schema: dict[str, Any]) -> None:
    assert set(OF_THE_CHART.values()) <= {path for path, _ in nodes(schema, schema)}


def test_settings_of_the_broker_are_its_own(schema: dict[str, Any]) -> None:
    assert set(schema["properties"]["pools"]["properties"]["config"]["properties"]) <= set(PoolLimits.model_fields)


@pytest.mark.parametrize(
    ("table", "value"),
    [
        ({"uploads": {"host": ["a.example"]}}, "host"),
        ({"uploads": {"megabytes": 0}}, "0"),
        ({"remote_tap": {"services": {"ours": "tap.example.org"}}}, "tap.example.org"),
        ({"curation": {"authority": "x y"}}, "x y"),
        ({"targets": {"rows": "many"}}, "many"),
        ({"target": {"rows": 1}}, "target"),
        ({"database": "sqlite://"}, "database"),
    ],
)
def test_what_the_portal_would_refuse_is_refused_before(
    schema: dict[str, Any], table: dict[str, Any], value: str
) -> None:
    (problem,) = Draft202012Validator(schema).iter_errors({"portal": {"config": table}})
    assert value in problem.message
