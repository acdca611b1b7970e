"""How long the hub's word on a token is believed; the clock is the test's, the hub a small service in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from uraniborg_portal.errors import Unavailable
from uraniborg_portal.identity.models import HubService
from uraniborg_portal.identity.tokens import Tokens, user_of
from uraniborg_portal.settings import SignInSettings

SCOPE = "access:services!service=portal"
HUB = HubService(
    api_url="http://hub/hub/api",
    api_token="secret",
    client_id="service-portal",
    service_url=None,
    hub_path="/hub/",
    access_scopes=frozenset({"access:services", SCOPE}),
)


@dataclass
class Hub:
    """Knows some tokens, counts questions, and can be down."""

    users: dict[str, str] = field(default_factory=lambda: {"good": "tycho"})
    asked: int = 0
    down: bool = False

    async def user(self, request: Request) -> Response:
        """Answer `GET /user` as JupyterHub does."""
        self.asked += 1
        if self.down:
            return Response(status_code=503)
        name = self.users.get(request.headers["authorization"].removeprefix("token "))
        if name is None:
            return JSONResponse({"status": 403, "message": "Missing or invalid credentials."}, 403)
        return JSONResponse({"kind": "user", "name": name, "groups": ["astro"], "admin": False, "scopes": [SCOPE]})


@dataclass
class World:
    """The hub, the tokens asked of it, and the time."""

    hub: Hub = field(default_factory=Hub)
    now: float = 1000.0

    def __post_init__(self) -> None:
        app = Starlette(routes=[Route("/hub/api/user", self.hub.user)])
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app))
        self.tokens = Tokens(HUB, client, SignInSettings(fresh_seconds=60, hub_down_seconds=3600), lambda: self.now)

    async def name(self, token: str, session: str = "") -> str | None:
        """Who has a token."""
        user = await self.tokens.user(token, session)
        return user.name if user else None


async def test_a_token_is_asked_once_while_fresh_and_again_after() -> None:
    world = World()
    assert [await world.name("good") for _ in range(3)] == ["tycho"] * 3
    assert world.hub.asked == 1
    world.now += 61
    world.hub.users.clear()
    assert await world.name("good") is None
    assert world.hub.asked == 2


async def test_requests_at_the_same_time_share_one_question() -> None:
    world = World()
    assert await asyncio.gather(*(world.name("good") for _ in range(20))) == ["tycho"] * 20
    assert world.hub.asked == 1


async def test_while_the_hub_is_down_accepted_tokens_work_and_others_are_told() -> None:
    world = World()
    await world.name("good")
    world.hub.down = True
    world.now += 600
    assert await world.name("good") == "tycho"
    with pytest.raises(Unavailable, match="hub does not answer"):
        await world.name("other")
    world.now += 3600
    with pytest.raises(Unavailable):
        await world.name("good")
    world.hub.down = False
    world.now += 10
    assert await world.name("good") == "tycho"


async def test_a_hub_that_is_down_is_left_alone_for_a_moment() -> None:
    world = World()
    world.hub.down = True
    for _ in range(5):
        with pytest.raises(Unavailable):
            await world.name("other")
    assert world.hub.asked == 1


async def test_another_hub_session_asks_again() -> None:
    world = World()
    await world.name("good", "one")
    world.hub.users.clear()
    assert await world.name("good", "two") is None


async def test_no_token_is_kept_as_itself() -> None:
    world = World()
    await world.name("good")
    assert "good" not in repr(world.tokens.checked)


@pytest.mark.parametrize(
    "model",
    [
        {},
        {"kind": "service", "name": "admin", "scopes": [SCOPE]},
        {"kind": "user", "name": "x", "scopes": []},
        {"kind": "user", "name": "x", "scopes": ["access:services!service=other", "access:servers"]},
        {"kind": "user", "name": None, "scopes": [SCOPE]},
        {"kind": "user", "name": "x", "scopes": SCOPE},
    ],
)
def test_only_people_with_access_are_users(model: dict[str, object]) -> None:
    assert user_of(model, HUB.access_scopes) is None
