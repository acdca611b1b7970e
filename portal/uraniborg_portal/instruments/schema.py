"""JSON Schemas as forms want them: every property flat, no references, no unions."""

from __future__ import annotations

from typing import Any

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def flat(schema: dict[str, Any]) -> dict[str, Any]:
    """Give a model's schema with flat properties; a value that may be empty is `optional`."""
    return {
        "$schema": DRAFT,
        "title": schema["title"],
        "description": schema.get("description", ""),
        "type": "object",
        "properties": {name: flat_property(described) for name, described in schema["properties"].items()},
        "required": schema.get("required", []),
        "additionalProperties": False,
    }


def flat_property(described: dict[str, Any]) -> dict[str, Any]:
    """Give a property where `anyOf [something, null]` is that something, marked `optional`."""
    choices = [choice for choice in described.get("anyOf", []) if choice != {"type": "null"}]
    if not choices:
        return described
    kept = {key: value for key, value in described.items() if key != "anyOf"}
    merged = {**flat_property(choices[0]), **kept, "optional": True}
    return merged | ({"enum": [*merged["enum"], None]} if "enum" in merged else {})
