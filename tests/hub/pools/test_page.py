"""The page of pools: a user's own, stopped by its own form only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Broker

pytestmark = [pytest.mark.platform, pytest.mark.usefixtures("tidy")]
PAGE = {"Accept": "text/html"}


def test_the_page_lists_and_stops(broker: Broker) -> None:
    pool = broker.make()
    with broker.hub.sign_in("tycho") as browser:
        page = browser.get(broker.url, headers=PAGE)
        assert pool["name"] in page.text and "1 of 1 workers ready" in page.text
        assert "memory used. Tasks: 0 done, 0 computing, 0 waiting." in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert browser.get(f"{broker.url}static/pools.css").headers["content-type"].startswith("text/css")
        # The browser's own cookie must not lead to the key.
        assert browser.get(f"{broker.url}api/pools/{pool['name']}").json()["security"] is None
        for other in ({}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            refused = browser.post(broker.url, data={"stop": pool["name"]}, headers=other)
            assert refused.status_code == 403
        done = browser.post(
            broker.url, data={"stop": pool["name"]}, headers={"Sec-Fetch-Site": "same-origin", "Origin": broker.hub.url}
        )
        assert done.status_code == 200 and pool["name"] not in done.text
        assert browser.post(broker.url, data={"stop": "x"}, headers={"Origin": broker.hub.url}).status_code == 404
