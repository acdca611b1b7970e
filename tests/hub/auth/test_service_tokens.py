"""Tokens of services end with the start that made them, on a real hub."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from uraniborg_hub.auth.service_tokens import forget_service_tokens
from uraniborg_hub.names import database

if TYPE_CHECKING:
    from conftest import Hub

FRESH = "portal-secret-of-the-next-start"


def test_before_the_first_start_there_is_nothing_to_forget(tmp_path: Path) -> None:
    url = f"sqlite:///{database(tmp_path)}"
    assert forget_service_tokens(url) == 0 and not database(tmp_path).exists()
    database(tmp_path).parent.mkdir()
    database(tmp_path).touch()
    assert forget_service_tokens(url) == 0


@pytest.mark.platform
def test_the_next_start_forgets_the_services_secrets_and_keeps_peoples_tokens(start_hub: Callable[..., Hub]) -> None:
    hub = start_hub(URANIBORG_OWNER="tycho")
    with hub.sign_in() as browser:
        head = {"X-XSRFToken": browser.cookies["_xsrf"]}
        mine = browser.post("/hub/api/users/tycho/tokens", json={"note": "mine"}, headers=head).json()["token"]
    stale = hub.environment["URANIBORG_PORTAL_API_TOKEN"]

    def status(token: str, path: str) -> int:
        return httpx.get(f"{hub.url}/hub/api/{path}", headers={"Authorization": f"Bearer {token}"}).status_code

    assert (status(stale, "users"), status(mine, "user")) == (200, 200)
    hub.end()
    hub.environment["URANIBORG_PORTAL_API_TOKEN"] = FRESH
    hub.start()
    assert (status(stale, "users"), status(FRESH, "users"), status(mine, "user")) == (403, 200, 200)
