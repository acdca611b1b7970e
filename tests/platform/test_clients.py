"""Programs of the Virtual Observatory, unmodified, on the whole platform: anonymous, and signed in with a hub token."""

from __future__ import annotations

import subprocess
from typing import Protocol

import httpx
import pytest
from pyvo.auth import AuthSession
from pyvo.dal import TAPService

pytestmark = [pytest.mark.platform, pytest.mark.peers, pytest.mark.timeout(200)]

QUERY = "SELECT TOP 5 hip, vmag FROM hipparcos ORDER BY vmag"


class Running(Protocol):
    """The fixture `platform` of tests/conftest.py."""

    url: str

    def token(self) -> str: ...


def tap(platform: Running) -> str:
    """Where the platform's TAP service answers."""
    return f"{platform.url}services/portal/tap"


def stilts(platform: Running, *options: str, sign_in: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Ask the query with STILTS."""
    argv = ["stilts", *sign_in, "tapquery", f"tapurl={tap(platform)}", "sync=true", f"adql={QUERY}", "ofmt=csv"]
    return subprocess.run([*argv, *options], capture_output=True, text=True, timeout=100, check=False)


def test_pyvo_anonymous(platform: Running) -> None:
    rows = TAPService(tap(platform)).search(QUERY).to_table()
    assert list(rows["hip"]) == [32349, 30438, 69673, 71683, 91262]


def test_pyvo_signed_in(platform: Running) -> None:
    session = AuthSession()
    session.credentials.set_password("anyone", platform.token())
    assert len(TAPService(tap(platform), session=session).search(QUERY)) == 5


def test_stilts_anonymous(platform: Running) -> None:
    done = stilts(platform)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("32349")


def test_stilts_signed_in_with_a_hub_token(platform: Running) -> None:
    helped = subprocess.run(["stilts", "tapquery", "help=auth"], capture_output=True, text=True, check=False)
    if "No help for parameter" in helped.stdout + helped.stderr:
        pytest.skip("this STILTS is older than 3.5 and has no auth=true")
    names = "-Dauth.username=anyone"
    done = stilts(platform, "auth=true", sign_in=(names, f"-Dauth.password={platform.token()}"))
    assert done.returncode == 0, done.stderr
    assert "supplied credentials" in done.stderr
    assert done.stdout.splitlines()[1].startswith("32349")
    refused = stilts(platform, "auth=true", sign_in=(names, "-Dauth.password=wrong"))
    assert "401" in refused.stderr


def test_capabilities_say_how_to_sign_in(platform: Running) -> None:
    answer = httpx.get(f"{tap(platform)}/capabilities")
    assert "Basic" in answer.headers["www-authenticate"]
    assert "securityMethod" in answer.text
    signed_in = httpx.get(f"{tap(platform)}/capabilities", auth=("anyone", platform.token()))
    assert signed_in.headers["x-vo-authenticated"]
