"""The Content-Security-Policy, and bodies beyond the limit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from uraniborg_portal.main import create_app
from uraniborg_portal.security import SAMP_HUB, content_security_policy
from uraniborg_portal.settings import RequestLimits, Settings


def directives(policy: str) -> dict[str, list[str]]:
    return {words.split()[0]: words.split()[1:] for words in policy.split("; ")}


def test_by_default_a_page_reaches_this_origin_only() -> None:
    found = directives(content_security_policy("N"))
    assert found["default-src"] == ["'none'"]
    assert found["script-src"] == ["'self'", "'nonce-N'"]
    assert found["style-src"] == ["'self'", "'nonce-N'"]
    assert found["connect-src"] == ["'self'"]
    assert found["img-src"] == ["'self'", "data:"]
    assert found["base-uri"] == ["'none'"]
    assert found["frame-ancestors"] == ["'self'"]


def test_named_hosts_are_for_images_and_their_lists() -> None:
    found = directives(content_security_policy("N", ("https://alasky.cds.unistra.fr",)))
    assert found["img-src"][-1] == found["connect-src"][-1] == "https://alasky.cds.unistra.fr"
    assert found["script-src"] == ["'self'", "'nonce-N'"]


def test_only_the_samp_page_reaches_the_local_hub() -> None:
    assert SAMP_HUB in directives(content_security_policy("N", samp=True))["connect-src"]


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A portal that reads 1 MB at most and names a HiPS host."""
    home: Path = tmp_path_factory.mktemp("home")
    app = create_app(
        Settings(home=home, network=False, requests=RequestLimits(megabytes=1), hips_hosts=("https://h.example",))
    )
    with TestClient(app, base_url="http://testserver/services/portal/") as client:
        yield client


def test_the_settings_hosts_reach_the_header(narrow: TestClient) -> None:
    assert "img-src 'self' data: https://h.example" in narrow.get("api/health").headers["content-security-policy"]


def pieces() -> Iterator[bytes]:
    for _ in range(20):
        yield b" " * 100_000


@pytest.mark.parametrize("length", [None, "2000000", "9" * 30])
def test_large_bodies_are_refused_announced_or_not(narrow: TestClient, length: str | None) -> None:
    headers = {"Content-Type": "application/json"} | ({"Content-Length": length} if length else {})
    answer = narrow.post("api/adql/check", content=pieces(), headers=headers)
    assert answer.status_code in (400, 413)
    assert answer.json()["message"]
