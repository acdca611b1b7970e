"""Who says that a lab is in use: the proxy, or the lab alone."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.app import JupyterHub
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from uraniborg_hub.route_activity import RouteActivityProxy

ROUTES = {"/user/tycho": {"target": "http://x", "jupyterhub": True, "user": "tycho", "last_activity": "2026-01-01"}}


def users(*, tells: bool | None) -> dict[str, SimpleNamespace]:
    """The hub's users: one whose lab does or does not tell its use, or has no spawner yet."""
    spawners = {} if tells is None else {"": SimpleNamespace(tells_its_use=tells)}
    return {"tycho": SimpleNamespace(spawners=spawners)}


@pytest.mark.parametrize(
    ("known", "counts"),
    [(users(tells=True), False), (users(tells=False), True), (users(tells=None), True), ({}, True)],
)
async def test_traffic_counts_for_labs_that_do_not_tell_their_use(
    known: dict[str, SimpleNamespace], counts: bool
) -> None:
    class Handler(RequestHandler):
        def get(self) -> None:
            self.set_header("Content-Type", "application/json")
            self.finish(json.dumps(ROUTES))

    socket, port = bind_unused_port()
    server = HTTPServer(Application([(r"/api/routes/?", Handler)]))
    server.add_sockets([socket])
    proxy = RouteActivityProxy(
        parent=JupyterHub(), app=SimpleNamespace(users=known), api_url=f"http://127.0.0.1:{port}", auth_token="t"
    )
    found: dict[str, Any] = (await proxy.get_all_routes())["/user/tycho/"]
    server.stop()
    assert ("last_activity" in found["data"]) is counts
    assert found["data"]["user"] == "tycho"
