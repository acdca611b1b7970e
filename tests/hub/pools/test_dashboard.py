"""The dashboard and the page of pools, as browsers see them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from uraniborg_hub.pools.dashboard import is_page

if TYPE_CHECKING:
    from conftest import Broker

PAGE = {"Accept": "text/html"}


@pytest.mark.platform
@pytest.mark.usefixtures("tidy")
def test_the_owner_sees_the_dashboard_and_others_do_not(broker: Broker) -> None:
    pool = broker.make()
    with broker.hub.browser() as anonymous:
        answer = anonymous.get(pool["dashboard"], headers=PAGE, follow_redirects=False)
        assert answer.status_code == 302
        assert answer.headers["location"].startswith("/hub/api/oauth2/authorize?client_id=service-pools")
        assert anonymous.get(f"{pool['dashboard']}", follow_redirects=False).status_code == 401
    with broker.hub.sign_in("tycho") as browser:
        answer = browser.get(pool["dashboard"], headers=PAGE)
        assert answer.status_code == 200 and str(answer.url) == pool["dashboard"]
        assert "Dask" in answer.text and "default-src 'self'" in answer.headers["content-security-policy"]
        assert not re.findall(r'<(?!a )[^>]* (?:src|href)="(?:https?:)?//', answer.text)
        parts = re.findall(r'src="([^"]+)"', answer.text)
        assert any("bokeh" in part for part in parts)
        for script in parts:
            assert browser.get(answer.url.join(script)).status_code == 200
        entrance = browser.get(f"{broker.url}{pool['name']}", headers=PAGE)
        assert entrance.url.path.endswith("/status")
        session = next(cookie for cookie in browser.cookies.jar if cookie.name == "uraniborg-pools")
        assert session.path == "/services/pools/"
        assert not session.is_expired() and broker.token("tycho") not in (session.value or "")
    with broker.hub.sign_in("kepler") as browser:
        answer = browser.get(pool["dashboard"], headers=PAGE)
        assert answer.status_code == 404 and "You have no pool of this name" in answer.text


def bokeh_socket(broker: Broker, pool: dict[str, Any], user: str, origin: str) -> str:
    """Open the dashboard's web socket as Bokeh's script does; its first message."""
    with broker.hub.sign_in(user) as browser:
        browser.get(broker.url, headers=PAGE)
        cookies = "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar if "pools" in each.path)
        with broker.client("tycho") as owner:
            page = owner.get(f"{pool['name']}/status")
        token = re.search(r'"token":"([^"]+)"', page.text)
        assert token, page.text
        url = pool["dashboard"].replace("http", "ws", 1) + "/ws"
        with connect(
            url,
            subprotocols=[Subprotocol("bokeh"), Subprotocol(token[1])],
            additional_headers={"Cookie": cookies},
            origin=Origin(origin),
            proxy=None,
        ) as socket:
            assert socket.subprotocol == "bokeh"
            return str(socket.recv(timeout=20)) + str(socket.recv(timeout=20)) + str(socket.recv(timeout=20))


@pytest.mark.platform
@pytest.mark.usefixtures("tidy")
def test_the_web_socket_is_joined_for_the_owner_on_our_pages_only(broker: Broker) -> None:
    pool = broker.make()
    assert "ACK" in bokeh_socket(broker, pool, "tycho", broker.hub.url)
    for user, origin in (("kepler", broker.hub.url), ("tycho", "http://evil.example")):
        with pytest.raises(InvalidStatus, match="403"):
            bokeh_socket(broker, pool, user, origin)


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("status", True),
        ("info/main/workers.html", True),
        ("statics/css/base.css", True),
        ("api/v1/retire_workers", False),
        ("API/v1", False),
        ("./api/v1", False),
        ("/api/v1", False),
        ("status/../api/v1", False),
        ("proxy/8787/10.0.0.1/status", False),
        ("", False),
    ],
)
def test_the_scheduler_s_own_api_is_no_page(path: str, page: bool) -> None:
    assert is_page(path) is page
