"""Who gets which form of an error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import Request
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from uraniborg_portal import render
from uraniborg_portal.errors import PortalError, QueryRefused
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Settings

BASE = "/services/portal/"


TROUBLE = {
    "away": ("connection to server at 198.18.1.7, port 5432 failed", "does not answer now"),
    "full": ("database or disk is full", "database is full"),
    "full-too": ("could not extend file: No space left on device", "database is full"),
}
"""What a database driver says, and what its user is told."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A portal with a renderer of its own for one folder."""
    home: Path = tmp_path_factory.mktemp("home")
    app = create_app(Settings(home=home, network=False))

    def shout(request: Request, error: PortalError) -> Response:
        return PlainTextResponse(error.message.upper(), error.status)

    render.register(app, "loud/", shout)

    @app.get(f"{BASE}api/trouble/{{kind}}")
    def trouble(kind: str) -> None:
        raise OperationalError("SELECT 1", {}, OSError(TROUBLE[kind][0]))

    with TestClient(app, base_url=f"http://testserver{BASE}") as made:
        yield made


@pytest.mark.parametrize(
    ("path", "accept", "starts"),
    [
        ("api/x", "text/html", "{"),
        ("x", "*/*", "{"),
        ("x", "text/html,*/*", "<!doctype html>"),
        ("loud/x", "text/html", "THERE IS NOTHING"),
        ("loud/api/x", "*/*", "THERE IS NOTHING"),
    ],
)
def test_errors_are_answered_in_the_readers_form(client: TestClient, path: str, accept: str, starts: str) -> None:
    answer = client.get(path, headers={"Accept": accept})
    assert answer.status_code == 404
    assert answer.text.lower().startswith(starts.lower())


def test_text_of_a_request_is_no_markup(client: TestClient) -> None:
    answer = client.get("<script>alert(1)</script>", headers={"Accept": "text/html"})
    assert "<script>alert" not in answer.text


def test_a_refused_query_says_where() -> None:
    content = render.as_json(QueryRefused("No.", line=2, column=5))
    assert (content["line"], content["column"], content["field"]) == (2, 5, "QUERY")


@pytest.mark.parametrize("kind", TROUBLE)
def test_a_database_that_is_away_or_full_is_said_in_a_sentence(client: TestClient, kind: str) -> None:
    answer = client.get(f"api/trouble/{kind}")
    assert answer.status_code == 503
    content = answer.json()
    assert content["error"] == "unavailable" and TROUBLE[kind][1] in content["message"] and content["remedy"]
    assert "SELECT" not in answer.text and "5432" not in answer.text
