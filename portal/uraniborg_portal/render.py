"""How errors leave the portal: JSON for programs; pages get the same words in HTML."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response

from uraniborg_portal.errors import NotFound, PortalError, QueryRefused


def as_json(error: PortalError) -> dict[str, object]:
    """Give the one JSON form of an error, with the place of a refused query and the nearest known names."""
    content: dict[str, object] = {**error.as_json()}
    if isinstance(error, QueryRefused):
        content |= {"line": error.line, "column": error.column}
    if isinstance(error, NotFound):
        content["suggestions"] = list(error.suggestions)
    return content


async def portal_error(request: Request, error: Exception) -> Response:
    """Answer an error of the portal's own tree."""
    if not isinstance(error, PortalError):
        raise error
    return JSONResponse(as_json(error), status_code=error.status)


async def invalid_request(request: Request, error: Exception) -> Response:
    """Answer a request whose shape is wrong: the first fault, in a sentence."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or None
    content = {
        "error": "bad_parameter",
        "message": f"{field or 'The request'}: {first['msg']}.",
        "remedy": "",
        "field": field,
    }
    return JSONResponse(content, status_code=400)


def install(app: FastAPI) -> None:
    """Install the handlers on the application."""
    app.add_exception_handler(PortalError, portal_error)
    app.add_exception_handler(RequestValidationError, invalid_request)
