"""The API page groups every route of the OpenAPI document."""

from __future__ import annotations

import pytest

from uraniborg_portal.web.reference import group, routes


@pytest.mark.parametrize(
    ("path", "tags", "heading"),
    [
        ("/services/portal/api/queries/{identifier}/rows", [], "Queries"),
        ("/services/portal/tap/sync", ["TAP"], "TAP"),
        ("/services/portal/api/new", ["Shares"], "Shares"),
        ("/services/portal/api/new", [], "Other"),
        ("/services/portal/api/me", [], "Signing in"),
    ],
)
def test_headings(path: str, tags: list[str], heading: str) -> None:
    assert group(path, {"tags": tags}) == heading


def test_routes_keep_their_words() -> None:
    described = {"description": "Give\n  it; readers.", "parameters": [{"name": "a"}, {"name": "b"}]}
    ((heading, (route,)),) = routes({"paths": {"/services/portal/api/resolve": {"get": described}}})
    assert (heading, route.method, route.text, route.parameters) == ("Names", "GET", "Give it; readers.", ("a", "b"))
