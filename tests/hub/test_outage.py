"""What the hub answers while its database is away, and when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from jinja2 import Environment, FileSystemLoader
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

import uraniborg_hub
from uraniborg_hub.outage import Outage, watch

TEMPLATES = Path(uraniborg_hub.__file__).parent / "templates"


class Usual(RequestHandler):
    """What JupyterHub would answer."""

    def get(self) -> None:
        self.finish("usual")


class Asking(RequestHandler):
    """What JupyterHub makes of a user whom it can't look up."""

    def initialize(self, engine: Engine) -> None:
        self.engine = engine

    def get(self) -> None:
        try:
            self.engine.connect()
        except SQLAlchemyError:
            if self.request.path.startswith("/hub/api/"):
                self.set_status(403)
                self.finish("You?")
            else:
                self.redirect("/hub/login")


class Site:
    """A hub whose database is a file in a folder that comes and goes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.returned = 0
        self.outage = Outage(create_engine(f"sqlite:///{folder}/hub.sqlite", pool_size=1), self._back)
        used = create_engine(f"sqlite:///{folder}/hub.sqlite")
        event.listen(used, "handle_error", self.outage.failed)
        pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
        headers = {"X-Frame-Options": "DENY"}
        self.application = Application(
            [("/hub/(?:api/)?me", Asking, {"engine": used}), (".*", Usual)],
            jinja2_env_sync=pages,
            headers=headers,
            xsrf_cookies=True,
        )

    def _back(self) -> None:
        self.returned += 1


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[tuple[Site, httpx.AsyncClient]]:
    """The hub, and a client of it."""
    site = Site(tmp_path / "database")
    looks = watch(site.application, site.outage)
    looks.stop()
    listening, port = bind_unused_port()
    server = HTTPServer(site.application)
    server.add_socket(listening)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield site, client
    server.stop()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/hub/api/user", '{"status": 503, "message": "The hub\'s database does not answer now.'),
        ("/hub/api/users/tycho/server", "Try again in a minute."),
        ("/hub/home", "<p>The hub&#39;s database does not answer now."),
        ("/hub/login", "This page tries again by itself."),
        ("/", "This page tries again by itself."),
    ],
)
async def test_everyone_is_told_while_the_database_is_away(
    site: tuple[Site, httpx.AsyncClient], path: str, words: str
) -> None:
    hub, client = site
    await hub.outage.look()
    for method in ("GET", "POST", "DELETE"):
        answer = await client.request(method, path)
        assert answer.status_code == 503 and words in answer.text
        assert answer.headers["Retry-After"] == "10" and answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/hub/health", "/hub/static/js/require.js", "/hub/uraniborg/hub.css"])
async def test_what_needs_no_database_is_answered_all_the_same(site: tuple[Site, httpx.AsyncClient], path: str) -> None:
    hub, client = site
    await hub.outage.look()
    assert (await client.get(path)).text == "usual"


@pytest.mark.parametrize(
    ("path", "words"), [("/hub/api/me", '"status": 503'), ("/hub/me", "This page tries again by itself.")]
)
async def test_nobody_is_signed_out_by_the_request_that_finds_the_database_away(
    site: tuple[Site, httpx.AsyncClient], path: str, words: str
) -> None:
    hub, client = site
    answer = await client.get(path)
    assert (answer.status_code, hub.outage.away) == (503, True) and words in answer.text
    assert answer.headers["X-Frame-Options"] == "DENY" and "Location" not in answer.headers
    assert (await client.get("/hub/home")).status_code == 503


async def test_it_goes_on_when_the_database_is_back(site: tuple[Site, httpx.AsyncClient]) -> None:
    hub, client = site
    await hub.outage.look()
    await hub.outage.look()
    assert (hub.outage.away, hub.returned) == (True, 0)
    await asyncio.to_thread(hub.folder.mkdir)
    await hub.outage.look()
    assert (hub.outage.away, hub.returned) == (False, 1)
    assert (await client.get("/hub/home")).text == "usual"
    await hub.outage.look()
    assert hub.returned == 1
