"""Errors for people: the same words as the API's JSON, on a page with a way on."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response

from uraniborg_portal.errors import NotFound, PortalError
from uraniborg_portal.web.page import render

ADDRESSES = {"name": "sky?name=", "catalog": "catalogs/", "instrument": "instruments/"}
"""The field at fault -> the page that a suggestion for it leads to."""


def suggestions(error: PortalError, prefix: str) -> list[dict[str, str]]:
    """Give the nearest known names with the pages that they lead to."""
    names = error.suggestions if isinstance(error, NotFound) else ()
    start = ADDRESSES.get(error.field or "", "sky?name=")
    return [{"name": name, "path": prefix + start + quote(name, safe="")} for name in names]


def error_page(request: Request, error: PortalError) -> Response:
    """Answer an error on a page; it never asks the hub or the database, so that it always works."""
    status = HTTPStatus(error.status)
    values = {
        "title": error.message,
        "heading": f"{status.phrase} ({error.status})",
        "error": error,
        "suggestions": suggestions(error, request.app.state.prefix),
        "query": request.query_params.get("name", "")[:200],
    }
    return render(request, getattr(request.state, "user", None), "error.html", values, error.status)
