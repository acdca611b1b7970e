"""The API page: every route of the OpenAPI document with its sentence, grouped; no script and no other host needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OTHER = "Other"


@dataclass(frozen=True, kw_only=True)
class Route:
    """One method of one path."""

    method: str
    path: str
    text: str
    parameters: tuple[str, ...]


def routes(document: Mapping[str, Any]) -> list[tuple[str, list[Route]]]:
    """Give the routes of an OpenAPI document in groups, in the document's order."""
    groups: dict[str, list[Route]] = {}
    for path, methods in document.get("paths", {}).items():
        for method, described in methods.items():
            parameters = tuple(each["name"] for each in described.get("parameters", ()))
            text = " ".join(described.get("description", described.get("summary", "")).split())
            route = Route(method=method.upper(), path=path, text=text, parameters=parameters)
            groups.setdefault(group(path, described), []).append(route)
    return list(groups.items())


def group(path: str, described: Mapping[str, Any]) -> str:
    """Give the heading that a route stands under: its tag, or the part of the path that says what it is about."""
    tags = described.get("tags")
    if tags:
        return str(tags[0])
    parts = path.split("/services/portal/")[-1].strip("/").split("/")
    if parts[0] == "tap":
        return "TAP"
    return parts[1].capitalize() if parts[0] == "api" and len(parts) > 1 else OTHER
