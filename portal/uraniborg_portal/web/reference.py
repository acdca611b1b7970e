"""The API page: every route of the OpenAPI document with its sentence, grouped; no script and no other host needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OTHER = "Other"
HEADINGS = {
    "health": "Health",
    "login": "Signing in",
    "oauth_start": "Signing in",
    "oauth_callback": "Signing in",
    "logout": "Signing in",
    "me": "Signing in",
    "queries": "Queries",
    "adql": "Queries",
    "async": "Queries",
    "tables": "Queries",
    "targets": "Queries",
    "resolve": "Names",
    "catalogs": "Catalogs",
    "instruments": "Instruments",
    "jobs": "Instruments",
    "products": "Instruments",
    "tap": "TAP",
    "scs": "Catalogs",
    "hips": "Catalogs",
    "records": "Catalogs",
}
"""The first part of a path that says what it is about -> its heading."""


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
    """Give the heading that a route stands under: by the part of the path that says what it is about."""
    parts = path.split("/services/portal/")[-1].strip("/").split("/")
    about = parts[1] if parts[0] == "api" and len(parts) > 1 else parts[0]
    tags = described.get("tags") or [OTHER]
    return HEADINGS.get(about, str(tags[0]))
