"""A lab that watches its own use: with a hub that is a real server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from uraniborg_hub.lab.culling.activity import Activity, now
from uraniborg_hub.lab.culling.reports import HubReports, reports
from uraniborg_hub.lab.culling.rules import rules
from uraniborg_hub.lab.culling.watch import CullingWatch


@dataclass
class Clock:
    """A clock that a test turns."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return now() + self.ahead


@dataclass
class Hub:
    """What a hub was told."""

    status: int = 200
    told: list[dict[str, object]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    url: str = ""


@asynccontextmanager
async def served(hub: Hub) -> AsyncIterator[Hub]:
    """Serve a hub that takes reports."""

    class Handler(RequestHandler):
        def post(self) -> None:
            self.set_status(hub.status)
            hub.tokens.append(self.request.headers["Authorization"])
            hub.told.append(json.loads(self.request.body))

    socket, port = bind_unused_port()
    server = HTTPServer(Application([(r"/hub/api/users/tycho/activity", Handler)]))
    server.add_sockets([socket])
    hub.url = f"http://127.0.0.1:{port}/hub/api/users/tycho/activity"
    yield hub
    server.stop()


def watching(hub: Hub, clock: Clock) -> CullingWatch:
    activity = Activity(AsyncMappingKernelManager(), {})
    return CullingWatch(rules(3600, 300, 0, 3600), activity, HubReports(url=hub.url, server="", token="t"), clock)


async def test_it_warns_and_a_click_takes_the_warning_away() -> None:
    async with served(Hub()) as hub:
        clock = Clock()
        watch = watching(hub, clock)
        assert watch.notices() == [] and watch.again == 300
        clock.ahead = timedelta(seconds=3310)
        (notice,) = watch.notices()
        assert notice.keep and "it ends in 5 minutes" in notice.text and watch.again == 30
        await watch.look()
        assert hub.told == [], "there is nothing new to tell"
        clock.ahead = timedelta()
        await watch.keep()
        assert watch.notices() == []
    (told,) = hub.told
    assert told["servers"] == {"": {"last_activity": told["last_activity"]}} and hub.tokens == ["token t"]


@pytest.mark.parametrize("status", [403, 500, 503])
async def test_a_hub_that_does_not_take_it_is_told_again(status: int) -> None:
    async with served(Hub(status=status)) as hub:
        clock = Clock()
        watch = watching(hub, clock)
        clock.ahead = timedelta(seconds=3400)
        await watch.keep()
        hub.status = 200
        await watch.look()
        await watch.look()
        assert len(hub.told) == 2


async def test_a_hub_that_is_gone_is_no_error() -> None:
    gone = HubReports(url="http://127.0.0.1:9/activity", server="", token="t")
    assert not await gone.tell(now())


def test_without_a_hub_there_is_nothing_to_tell() -> None:
    assert reports({}) is None
    known = {"JUPYTERHUB_ACTIVITY_URL": "http://hub/a", "JUPYTERHUB_API_TOKEN": "t", "JUPYTERHUB_SERVER_NAME": "big"}
    assert reports(known) == HubReports(url="http://hub/a", server="big", token="t")
