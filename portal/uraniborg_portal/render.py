"""How errors leave the portal: JSON for programs, the same words in HTML on pages, VOTable below `tap/`.

A feature that answers errors in a form of its own registers a renderer for its paths with `register`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from html import escape
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from uraniborg_portal.database import unavailable
from uraniborg_portal.errors import BadParameter, NotFound, PortalError, QueryRefused, SignInNeeded, TooLarge
from uraniborg_portal.identity.challenges import challenges

LOG = logging.getLogger(__name__)

Renderer = Callable[[Request, PortalError], Response]
"""Gives the answer of an error; its status is `error.status`."""


def as_json(error: PortalError) -> dict[str, object]:
    """Give the one JSON form of an error, with the place of a refused query and the nearest known names."""
    content: dict[str, object] = {**error.as_json()}
    if isinstance(error, QueryRefused):
        content |= {"line": error.line, "column": error.column}
    if isinstance(error, NotFound):
        content["suggestions"] = list(error.suggestions)
    return content


def json_answer(request: Request, error: PortalError) -> Response:
    """Answer an error for programs."""
    return JSONResponse(as_json(error), status_code=error.status)


def plain_page(request: Request, error: PortalError) -> Response:
    """Answer an error for people, where no feature registered a better page."""
    words = f"<h1>{escape(error.message)}</h1><p>{escape(error.remedy)}</p>"
    home = f'<p><a href="{escape(request.app.state.prefix)}">Home</a></p>'
    page = f'<!doctype html><html lang="en"><title>Uraniborg</title><body>{words}{home}</body></html>'
    return HTMLResponse(page, status_code=error.status)


def register(app: FastAPI, start: str, renderer: Renderer) -> None:
    """Answer errors of paths that begin with `start` (below the prefix; `""` for all pages) by `renderer`."""
    app.state.renderers[start] = renderer


def renderer_of(request: Request) -> Renderer:
    """Give the renderer of a request: that of the longest registered start of its path, or of pages, or JSON."""
    path = request.url.path.removeprefix(request.app.state.prefix)
    registered: dict[str, Renderer] = request.app.state.renderers
    starts = [start for start in registered if start and path.startswith(start)]
    if starts:
        return registered[max(starts, key=len)]
    return registered[""] if is_page(request) else json_answer


def is_page(request: Request) -> bool:
    """Say whether a person looks at the answer: a browser's request for a page, not for the API."""
    path = request.url.path.removeprefix(request.app.state.prefix)
    return not path.startswith(("api/", "static/", "tap/")) and "text/html" in request.headers.get("accept", "")


async def portal_error(request: Request, error: Exception) -> Response:
    """Answer an error of the portal's own tree."""
    if not isinstance(error, PortalError):
        raise error
    if isinstance(error, SignInNeeded):
        return sign_in_answer(request, error)
    return renderer_of(request)(request, error)


def sign_in_answer(request: Request, error: SignInNeeded) -> Response:
    """Send a browser that asks for a page to sign in; tell everyone else how (AuthVO challenges)."""
    hub = request.app.state.context.sign_in
    if hub and request.method == "GET" and is_page(request):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{request.app.state.prefix}login?next={quote(wanted, safe='')}", 303)
    response = renderer_of(request)(request, error)
    for challenge in challenges(request.headers):
        response.headers.append("WWW-Authenticate", challenge)
    return response


async def database_error(request: Request, error: Exception) -> Response:
    """Answer a request whose database is away or full."""
    if not isinstance(error, OperationalError):
        raise error
    LOG.warning("%s %s: %s", request.method, request.url.path, error.orig)
    return renderer_of(request)(request, unavailable(error))


async def invalid_request(request: Request, error: Exception) -> Response:
    """Answer a request whose shape is wrong: the first fault, in a sentence."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:])[:100] or None
    message = f"{field or 'The request'}: {str(first['msg'])[:300]}."
    return renderer_of(request)(request, BadParameter(message, field=field))


async def http_error(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses: no such route, no such method, a body too large."""
    if not isinstance(error, HTTPException):
        raise error
    answer = renderer_of(request)(request, of_framework(request, error))
    answer.status_code = error.status_code
    answer.headers.update(error.headers or {})
    return answer


def of_framework(request: Request, error: HTTPException) -> PortalError:
    """Give the portal's words for a framework error."""
    path = request.url.path[:100]
    if error.status_code == 404:
        return NotFound(f"There is nothing at {path!r}.", "The home page links to everything that is here.")
    if error.status_code == 405:
        return BadParameter(
            f"{path!r} does not answer {request.method[:20]}.",
            f"{request.app.state.prefix}api/openapi.json lists what it answers.",
        )
    if error.status_code == 413:
        return TooLarge("The request is larger than this portal accepts.", "Send less at once.")
    return BadParameter(f"The request can't be read: {error.detail}.")


def install(app: FastAPI) -> None:
    """Install the handlers on the application."""
    app.state.renderers = {"": plain_page}
    app.add_exception_handler(PortalError, portal_error)
    app.add_exception_handler(OperationalError, database_error)
    app.add_exception_handler(RequestValidationError, invalid_request)
    app.add_exception_handler(HTTPException, http_error)
