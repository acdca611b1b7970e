"""How errors leave the broker: JSON for programs, a page for browsers, the hub's sign-in for who is not signed in."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from uraniborg_hub.pools.context import context
from uraniborg_hub.pools.errors import MethodRefused, NotFound, PoolError, SignInNeeded
from uraniborg_hub.pools.page import error_page
from uraniborg_hub.pools.sign_in import to_hub


def for_browser(request: Request) -> bool:
    """Whether a person looks at the answer: a page was asked for, outside of the API."""
    inside = request.url.path.startswith(f"{context(request).service.prefix}api/")
    return "text/html" in request.headers.get("accept", "") and not inside


async def pool_error(request: Request, error: Exception) -> Response:
    """Answer an error of the broker's own tree."""
    if not isinstance(error, PoolError):
        raise error
    parts = context(request)
    if not for_browser(request):
        return JSONResponse(error.as_json(), error.status, headers=dict(error.headers))
    if isinstance(error, SignInNeeded) and request.method == "GET":
        query = f"?{request.url.query}" if request.url.query else ""
        return to_hub(parts, f"{request.scope['raw_path'].decode('latin-1')}{query}")
    return error_page(error, parts.service.prefix)


async def no_route(request: Request, error: Exception) -> Response:
    """Answer an address or a method that the broker does not have."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == MethodRefused.status:
        allowed = (error.headers or {}).get("Allow", "GET")
        return await pool_error(request, MethodRefused(f"{allowed} is accepted here.", "Use one of these methods."))
    return await pool_error(request, NotFound("There is nothing at this address.", "The page of pools is at its top."))


def install(app: FastAPI) -> None:
    """Install the handlers on the application."""
    app.add_exception_handler(PoolError, pool_error)
    app.add_exception_handler(HTTPException, no_route)
