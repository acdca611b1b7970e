"""The hub without its database: one clear answer to everyone, and work as before once it is back.

JupyterHub itself takes a token that it can't look up for a wrong one and answers 403, on which labs and services sign
their users out; pages end in a 500.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from sqlalchemy import Engine, ExceptionContext, text
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.ioloop import PeriodicCallback
from tornado.routing import Matcher, Rule
from tornado.web import Application, OutputTransform, RequestHandler

LOG = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
MESSAGE = "The hub's database does not answer now. Labs and pools that run go on; nothing is lost."
REMEDY = "Try again in a minute."
WITHOUT_DATABASE = ("/hub/health", "/hub/static/", "/hub/uraniborg/", "/hub/logo")
"""What the hub answers all the same."""
MISTAKEN = frozenset(
    {HTTPStatus.FOUND, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.INTERNAL_SERVER_ERROR}
)
"""How JupyterHub ends a request whose database went away meanwhile: its asker is nobody to it, or it is an error."""


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
        self.failures = 0
        """Of requests that met the absence before a look did."""

    def failed(self, context: ExceptionContext) -> None:
        """Take note of an error of a request's own connection (SQLAlchemy's `handle_error`)."""
        if isinstance(context.sqlalchemy_exception, OperationalError | InterfaceError):
            self.failures += 1
            self._note(True)

    async def look(self) -> None:
        """Ask the database, and take note of a change."""
        self._note(not await asyncio.to_thread(self._answers))

    def _note(self, away: bool) -> None:
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

    def prepare(self) -> None:
        """Answer, whatever is asked. For anyone."""
        self.set_status(HTTPStatus.SERVICE_UNAVAILABLE)
        headers, body = words(self.request.path, self.settings)
        for name, value in headers.items():
            self.set_header(name, value)
        self.finish(body)


def words(path: str, settings: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    """Give headers and body of the answer to a request for a path: JSON for programs, a page for people."""
    headers = {"Retry-After": "10", **settings.get("headers", {})}
    if path.startswith(("/hub/api/", "/hub/metrics")):
        told = {"status": int(HTTPStatus.SERVICE_UNAVAILABLE), "message": f"{MESSAGE} {REMEDY}"}
        return {**headers, "Content-Type": "application/json"}, json.dumps(told).encode()
    page = settings["jinja2_env_sync"].get_template("outage.html")
    return {**headers, "Content-Type": "text/html; charset=UTF-8"}, page.render(message=MESSAGE).encode()


def telling(outage: Outage, settings: dict[str, Any]) -> type[OutputTransform]:
    """Give a transform of responses: the same answer for requests under way when the database went away."""

    class Telling(OutputTransform):
        def __init__(self, request: HTTPServerRequest) -> None:
            self.path = request.path
            self.failures = outage.failures
            self.replaced = False

        def transform_first_chunk(
            self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
        ) -> tuple[int, HTTPHeaders, bytes]:
            usual = outage.failures == self.failures or self.path.startswith(WITHOUT_DATABASE)
            if usual or status_code not in MISTAKEN:
                return status_code, headers, chunk
            self.replaced = True
            told, body = words(self.path, settings)
            # New ones: the way to the sign-in goes, too. The status line keeps its old reason, which nothing reads.
            length = {"Content-Length": str(len(body))}
            return HTTPStatus.SERVICE_UNAVAILABLE, HTTPHeaders({**told, **length}), body

        def transform_chunk(self, chunk: bytes, finishing: bool) -> bytes:
            return b"" if self.replaced else chunk

    return Telling


def watch(application: Application, outage: Outage) -> PeriodicCallback:
    """Have the application answer for the database while it is away; looks at once, and then each second."""
    application.add_handlers(".*", [Rule(WhileAway(outage), Away)])
    application.add_transform(telling(outage, application.settings))
    looks = PeriodicCallback(outage.look, 1000 * LOOK_SECONDS)
    looks.start()
    return looks
