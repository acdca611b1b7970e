"""Routes of the pages of a query's result."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from uraniborg_portal.identity.dependencies import OptionalUser
from uraniborg_portal.web.page import render

router = APIRouter()


@router.get("/queries/{identifier}", include_in_schema=False)
def query(request: Request, user: OptionalUser, identifier: str) -> HTMLResponse:
    """Show a stored result in the browser; readers who have its address."""
    values = {"title": "Query result", "module": "browse", "result": "queries/", "state": {"query": identifier}}
    return render(request, user, "module.html", values)
