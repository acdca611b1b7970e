"""The home page shows labs as the hub tells them, and does without when the hub is silent."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from uraniborg_portal.identity.hub_sign_in import HubSignIn, make
from uraniborg_portal.identity.models import HubService, User
from uraniborg_portal.settings import SignInSettings
from uraniborg_portal.web.labs import labs

READY = {"name": "", "ready": True, "url": "/user/tycho/"}
STARTING = {"name": "second", "ready": False, "url": "/user/tycho/second/"}


def sign_in(servers: dict[str, object], status: int = 200) -> HubSignIn:
    """A sign-in whose hub is an application in this process."""
    app = FastAPI()

    @app.get("/hub/api/users/{name}")
    def user(name: str) -> JSONResponse:
        return JSONResponse({"name": name, "servers": servers}, status)

    hub = HubService(
        api_url="http://hub/hub/api",
        api_token="secret",
        client_id="service-portal",
        service_url=None,
        hub_path="/hub/",
        access_scopes=frozenset(),
    )
    made = make(hub, "/services/portal/", SignInSettings())
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app))
    return HubSignIn(hub=hub, client=client, tokens=made.tokens, cookies=made.cookies)


async def test_labs_that_run_and_start() -> None:
    found = await labs(sign_in({"": READY, "second": STARTING}), User(name="tycho brahe"))
    assert [(lab.title, lab.ready) for lab in found] == [("My lab", True), ("Lab second", False)]
    assert found[0].url == "/user/tycho/"


@pytest.mark.parametrize("status", [403, 500])
async def test_a_silent_hub_is_no_failure(status: int) -> None:
    assert await labs(sign_in({"": READY}, status), User(name="tycho")) == ()


async def test_nobody_has_no_labs() -> None:
    assert await labs(sign_in({"": READY}), None) == ()
    assert await labs(None, User(name="tycho")) == ()
