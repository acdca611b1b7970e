"""What a widget may ask through the kernel, and what it may not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg import UraniborgError
from uraniborg.widgets._relay import Request, request_of, response

OUTSIDE = [
    "http://elsewhere.example.org/api/x",
    "//elsewhere.example.org/api/x",
    "../api/catalogs",
    "api/../../hub/api/user",
    "api/%2e%2e/%2e%2e/hub/api/user",
    "api/%252e%252e/hub",
    "api\\..\\hub",
    "/api/catalogs",
    "tap/sync",
    "static/modules.json",
    "",
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_only_the_api_can_be_asked(path: str) -> None:
    with pytest.raises(UraniborgError, match="may not ask"):
        Request(number=1, method="GET", path=path)


@pytest.mark.parametrize("method", ["DELETE", "PUT", "get", "TRACE"])
def test_only_reading_and_posting(method: str) -> None:
    with pytest.raises(UraniborgError, match="may not ask"):
        Request(number=1, method=method, path="api/catalogs")


@given(st.text())
def test_no_text_leaves_the_api(path: str) -> None:
    try:
        request = Request(number=1, method="GET", path=path)
    except (UraniborgError, ValueError):
        return
    assert request.path.startswith(("api/", "a%", "%", "A"))


def test_json_and_binary_bodies() -> None:
    asked = request_of({"id": 7, "method": "POST", "path": "api/queries", "json": {"adql": "SELECT 1"}}, [])
    assert (asked.number, asked.media_type) == (7, "application/json")
    assert json.loads(asked.body or b"") == {"adql": "SELECT 1"}
    sent = request_of({"id": 8, "method": "POST", "path": "api/queries/q/selections"}, [memoryview(b"\0\1")])
    assert (sent.media_type, sent.body) == ("application/octet-stream", b"\0\1")


def test_failures_reach_the_widget_in_the_portals_form() -> None:
    head, (body,) = response(3, UraniborgError("No portal answers.", "Start it.", code="unavailable"))
    assert head == {"kind": "response", "id": 3, "status": 503, "type": "application/json"}
    assert json.loads(body)["remedy"] == "Start it."
