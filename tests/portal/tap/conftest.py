"""A portal that listens, for clients that speak HTTP; and a hub that knows one token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from uraniborg_portal.identity.models import HubService
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Settings

TOKEN = "f00dfeed"
SCOPE = "access:services!service=portal"
Serve = Callable[[FastAPI | Starlette], AbstractContextManager[str]]


async def user(request: Request) -> Response:
    """Answer `GET /user` as JupyterHub does."""
    if request.headers.get("authorization", "").rpartition(" ")[2] != TOKEN:
        return JSONResponse({"status": 403, "message": "Missing or invalid credentials."}, 403)
    return JSONResponse({"kind": "user", "name": "tycho", "groups": [], "admin": False, "scopes": [SCOPE]})


@pytest.fixture(scope="session")
def tap_url(portal_home: Path, serve: Serve) -> Iterator[str]:
    """The TAP service of a portal that runs alone."""
    with serve(create_app(Settings(home=portal_home, network=False))) as url:
        yield f"{url}/services/portal/tap"


@pytest.fixture(scope="session")
def hub_url(serve: Serve) -> Iterator[str]:
    """A hub that knows one token."""
    with serve(Starlette(routes=[Route("/hub/api/user", user)])) as url:
        yield url


@pytest.fixture(scope="session", params=[True, False], ids=["anonymous too", "users only"])
def guarded_url(
    request: pytest.FixtureRequest, portal_home: Path, hub_url: str, serve: Serve
) -> Iterator[tuple[str, bool]]:
    """The TAP service of a portal with a hub, and whether it answers nobody, too."""
    hub = HubService(
        api_url=f"{hub_url}/hub/api",
        api_token="secret",
        client_id="service-portal",
        service_url=None,
        hub_path="/hub/",
        access_scopes=frozenset({"access:services", SCOPE}),
    )
    settings = Settings(home=portal_home, network=False, anonymous_reading=request.param)
    with serve(create_app(settings, hub=hub)) as url:
        yield f"{url}/services/portal/tap", request.param
