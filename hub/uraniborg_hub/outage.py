"""The hub without its database: one clear answer to everyone, and work as before once it is back.

JupyterHub itself takes a token that it can't look up for a wrong one and answers 403, on which labs and services sign
their users out; pages end in a 500.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import PeriodicCallback
from tornado.routing import Matcher, Rule
from tornado.web import Application, RequestHandler

LOG = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
MESSAGE = "The hub's database does not answer now. Labs and pools that run go on; nothing is lost."
REMEDY = "Try again in a minute."
WITHOUT_DATABASE = ("/hub/health", "/hub/static/", "/hub/uraniborg/", "/hub/logo")
"""What the hub answers all the same."""


class Outage:
    """Whether the database is away; it is asked each second, on a connection of its own beside the event loop.

    Parameters
    ----------
    engine
        Leads to the hub's database.
    back
        Called once the database answers again.
    """

    def __init__(self, engine: Engine, back: Callable[[], object]) -> None:
        self._engine = engine
        self._back = back
        self.away = False

    async def look(self) -> None:
        """Ask the database, and take note of a change."""
        away = not await asyncio.to_thread(self._answers)
        if away and not self.away:
            LOG.error("The hub's database does not answer; everyone is told so until it does.")
        if self.away and not away:
            LOG.warning("The hub's database answers again.")
            self._back()
        self.away = away

    def _answers(self) -> bool:
        try:
            with self._engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            LOG.debug("The database does not answer: %s", error)
            return False
        return True


class WhileAway(Matcher):
    """Takes every request that needs the database, as long as it is away."""

    def __init__(self, outage: Outage) -> None:
        self._outage = outage

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Give the handler's arguments, None for a request that goes its usual way."""
        return {} if self._outage.away and not request.path.startswith(WITHOUT_DATABASE) else None


class Away(RequestHandler):
    """Says that the database is away: in JSON to programs, on a page that tries again by itself to people."""

    def check_xsrf_cookie(self) -> None:
        """Take every request: nothing is changed here."""

    def prepare(self) -> Awaitable[None] | None:
        """Answer, whatever is asked. For anyone."""
        self.set_status(HTTPStatus.SERVICE_UNAVAILABLE)
        self.set_header("Retry-After", "10")
        for name, value in self.settings.get("headers", {}).items():
            self.set_header(name, value)
        if self.request.path.startswith(("/hub/api/", "/hub/metrics")):
            return self.finish({"status": int(HTTPStatus.SERVICE_UNAVAILABLE), "message": f"{MESSAGE} {REMEDY}"})
        page = self.settings["jinja2_env_sync"].get_template("outage.html")
        return self.finish(page.render(message=MESSAGE))


def watch(application: Application, outage: Outage) -> PeriodicCallback:
    """Have the application answer for the database while it is away; looks at once, and then each second."""
    application.add_handlers(".*", [Rule(WhileAway(outage), Away)])
    looks = PeriodicCallback(outage.look, 1000 * LOOK_SECONDS)
    looks.start()
    return looks
