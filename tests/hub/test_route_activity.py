"""Who says that a lab is in use: the proxy, or the lab alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jupyterhub.app import JupyterHub
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from uraniborg_hub.route_activity import RouteActivityProxy

ROUTES = {"/user/tycho": {"target": "http://x", "jupyterhub": True, "user": "tycho", "last_activity": "2026-01-01"}}


@pytest.mark.parametrize("counts", [True, False])
async def test_traffic_counts_where_it_is_meant_to(counts: bool) -> None:
    class Handler(RequestHandler):
        def get(self) -> None:
            self.set_header("Content-Type", "application/json")
            self.finish(json.dumps(ROUTES))

    socket, port = bind_unused_port()
    server = HTTPServer(Application([(r"/api/routes/?", Handler)]))
    server.add_sockets([socket])
    proxy = RouteActivityProxy(
        parent=JupyterHub(), api_url=f"http://127.0.0.1:{port}", auth_token="t", counts_traffic=counts
    )
    found: dict[str, Any] = (await proxy.get_all_routes())["/user/tycho/"]
    server.stop()
    assert ("last_activity" in found["data"]) is counts
    assert found["data"]["user"] == "tycho"
