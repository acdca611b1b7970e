"""Runs the portal with a small hub and a second portal beside it, for tests in a browser: `python serve.py HOME`.

The hub is an HTTP server that knows one user, as JupyterHub's REST API describes them; the portal is the real one,
and so is the second, which is the other TAP service that the first may ask.
It prints one line of JSON (`url`, `cookie`) when all answer, and ends when its standard input is closed.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from uraniborg_portal.identity.models import HubService
from uraniborg_portal.identity.sessions import SESSION, Cookies
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import RemoteTap, Settings

SCOPE = "access:services!service=portal"
USER = {"kind": "user", "name": "tycho", "admin": False, "groups": [], "scopes": [SCOPE]}
LAB = {"name": "", "ready": True, "url": "/user/tycho/"}
PREFIX = "/services/portal/"


def small_hub() -> FastAPI:
    """Answer the two questions that the portal asks a hub."""
    app = FastAPI()

    @app.get("/hub/api/user")
    def who() -> dict[str, object]:
        return dict(USER)

    @app.get("/hub/api/users/{name}")
    def user(name: str) -> dict[str, object]:
        return {**USER, "name": name, "servers": {"": LAB}}

    return app


def listening() -> socket.socket:
    """Take a free loopback port."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    return taken


async def serve(home: Path) -> None:
    """Run both until standard input is closed."""
    hub_socket, portal_socket, far_socket = listening(), listening(), listening()
    hub = HubService(
        api_url=f"http://127.0.0.1:{hub_socket.getsockname()[1]}/hub/api",
        api_token="token of the service",
        client_id="service-portal",
        service_url=None,
        hub_path="/hub/",
        access_scopes=frozenset({SCOPE}),
    )
    far = RemoteTap(services={"far": f"http://127.0.0.1:{far_socket.getsockname()[1]}{PREFIX}tap"})
    settings = Settings(home=home, network=False, remote_tap=far)
    apps = [
        (small_hub(), hub_socket),
        (create_app(settings, PREFIX, hub), portal_socket),
        (create_app(Settings(home=home / "far", network=False), PREFIX), far_socket),
    ]
    servers = [uvicorn.Server(uvicorn.Config(app, log_level="warning")) for app, _ in apps]
    running = [
        asyncio.create_task(server.serve(sockets=[taken])) for server, (_, taken) in zip(servers, apps, strict=True)
    ]
    while not all(server.started for server in servers):
        await asyncio.sleep(0.05)
    token = Cookies(hub, PREFIX, 86400).sessions.dumps("token of the user")
    url = f"http://127.0.0.1:{portal_socket.getsockname()[1]}{PREFIX}"
    sys.stdout.write(json.dumps({"url": url, "cookie": {"name": SESSION, "value": token, "url": url}}) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*running)


if __name__ == "__main__":
    os.environ["URANIBORG_HOME"] = sys.argv[1]
    asyncio.run(serve(Path(sys.argv[1])))
