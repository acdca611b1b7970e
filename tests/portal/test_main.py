"""The application as a whole: every answer has its headers, every refusal its words."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Settings

ERROR = {"error", "message", "remedy", "field"}
PREFIX = "/services/portal/"


def test_health_and_nobody(portal: TestClient) -> None:
    assert portal.get("api/health").json()["status"] == "ok"
    assert portal.get("api/ready").json()["status"] == "ready"
    assert portal.get("api/me").json() == {"name": None, "admin": False}


@pytest.mark.parametrize(
    "path", ["api/health", "api/nothing", "nothing", "api/resolve?name=M42", "static/nothing.js", ""]
)
def test_every_answer_is_guarded(portal: TestClient, path: str) -> None:
    headers = portal.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_alone_the_portal_is_found_from_the_root(portal: TestClient) -> None:
    answer = portal.get("http://testserver/", follow_redirects=False)
    assert answer.headers["location"] == PREFIX


def test_every_answer_has_its_own_nonce(portal: TestClient) -> None:
    one, other = (portal.get("api/health").headers["content-security-policy"] for _ in range(2))
    assert one != other


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "api/nothing", 404),
        ("GET", "api/../../../etc/passwd", 404),
        ("GET", "api/%2e%2e/%2e%2e/etc/passwd", 404),
        ("GET", "static/../main.py", 404),
        ("GET", "static/..%2f..%2fmain.py", 404),
        ("PUT", "api/health", 405),
        ("DELETE", "api/resolve", 405),
        ("GET", "api/health?x=1", 400),
        ("GET", "api/me?token=abc", 400),
        ("GET", "login", 404),
    ],
)
def test_what_is_not_here_is_said_in_words(portal: TestClient, method: str, path: str, status: int) -> None:
    answer = portal.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()) >= ERROR
    assert answer.json()["message"]


def test_an_unknown_parameter_lists_the_accepted_ones(portal: TestClient) -> None:
    answer = portal.get("api/queries/x/rows?ofset=3")
    assert "accepted: descending, limit, offset, selected, sort" in answer.json()["message"]


def test_a_person_gets_a_page(portal: TestClient) -> None:
    answer = portal.get("nothing", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


@given(st.binary(max_size=60))
def test_no_path_breaks_it(portal: TestClient, path: bytes) -> None:
    answer = portal.get("api/" + quote(path))
    assert answer.status_code < 500


def test_a_fault_of_ours_has_an_id_and_no_traceback(tmp_path: Path) -> None:
    app = create_app(Settings(home=tmp_path, network=False))

    @app.get(f"{PREFIX}api/broken")
    def broken() -> None:
        raise ZeroDivisionError("secret")

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get(f"{PREFIX}api/broken")
    assert answer.status_code == 500
    assert answer.json()["error"] == "internal"
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers


def test_a_portal_for_its_users_only_shows_nothing_to_nobody(tmp_path: Path) -> None:
    app: FastAPI = create_app(Settings(home=tmp_path, network=False, anonymous_reading=False))
    with TestClient(app, base_url=f"http://testserver{PREFIX}") as client:
        assert client.get("api/health").status_code == 200
        for path in ("api/resolve?name=M42", "api/catalogs", "api/queries/x", ""):
            assert client.get(path).status_code == 401
