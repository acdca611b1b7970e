"""`GET api/resolve`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

FIELDS = {"name", "kind", "ra", "dec", "pmra", "pmdec", "epoch", "time_gps", "time_utc", "source", "aliases"}


def test_the_answer(portal: TestClient) -> None:
    answer = portal.get("api/resolve", params={"name": "M42"})
    assert answer.status_code == 200
    assert set(answer.json()) == FIELDS
    assert answer.json()["aliases"] == ["NGC 1976", "Great Orion Nebula", "Orion Nebula"]


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("", 400, "name"),
        ("?name=", 400, "name"),
        ("?name=M42&x=1", 400, "x"),
        ("?name=10%20-95", 400, "name"),
        ("?name=betelguese", 404, "name"),
        ("?name=%00", 400, "name"),
        ("?name=%ff%fe", 404, "name"),
    ],
)
def test_refusals(portal: TestClient, query: str, status: int, field: str) -> None:
    answer = portal.get(f"api/resolve{query}")
    assert answer.status_code == status
    assert answer.json()["field"] == field
    assert answer.json()["message"]


@given(st.text(max_size=300))
def test_no_name_breaks_it(portal: TestClient, name: str) -> None:
    answer = portal.get("api/resolve", params={"name": name.encode("utf-8", "replace").decode()})
    assert answer.status_code in (200, 400, 404)
