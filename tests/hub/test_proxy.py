"""A proxy that restarts while labs run, seen by the browsers of their users."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import httpx

from uraniborg_hub.proxy import MARK

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Hub

SECONDS = 5.0
"""That a lab may be out of reach once the proxy answers again."""


def wait_until(holds: Callable[[], bool], seconds: float) -> float:
    """Give the seconds until a condition holds."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
    return time.monotonic() - began


def answers(url: str) -> int:
    """Give the status of an answer, 0 for none."""
    try:
        return httpx.get(url, timeout=5, trust_env=False, verify=False).status_code
    except httpx.TransportError:
        return 0


def is_marked(hub: Hub) -> bool:
    """Whether the hub has set all routes of the proxy. One that ends before is mended by the same line in the log."""
    url = f"{hub.environment['URANIBORG_PROXY_API_URL']}/api/routes{MARK}"
    token = {"authorization": f"token {hub.secrets['CONFIGPROXY_AUTH_TOKEN']}"}
    return httpx.get(url, headers=token, timeout=5, trust_env=False).status_code == 200


def test_labs_are_within_reach_again_soon_after_the_proxy_was_killed(start_hub: Callable[..., Hub]) -> None:
    hub = start_hub(URANIBORG_OWNER="tycho")
    with hub.sign_in() as browser:
        hub.start_lab(browser)
    lab = f"{hub.url}/user/tycho/api"
    assert answers(lab) == 200
    for crash in (True, False, True):
        wait_until(lambda: is_marked(hub), 30)
        hub.end_proxy(crash=crash)
        assert answers(lab) == 0
        hub.start_proxy()
        wait_until(lambda: answers(f"{hub.url}/hub/health") == 200, 30)
        assert wait_until(lambda: answers(lab) == 200, SECONDS) < SECONDS
    assert hub.log.count("The proxy does not know all routes") == 4
    assert "Traceback" not in hub.log


def test_the_mark_of_a_proxy_that_knows_all_routes_changes_no_answer(hub: Hub) -> None:
    assert answers(f"{hub.url}/hub/routes-kept") == 404
