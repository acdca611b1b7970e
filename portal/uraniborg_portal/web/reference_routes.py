"""Routes of the pages that explain."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from uraniborg_portal.address import portal_of
from uraniborg_portal.context import Context
from uraniborg_portal.identity.dependencies import OptionalUser, ReaderCatalogs
from uraniborg_portal.web.page import render
from uraniborg_portal.web.reference import routes

router = APIRouter()


@router.get("/help", include_in_schema=False)
def help_page(request: Request, context: Context, catalogs: ReaderCatalogs, user: OptionalUser) -> HTMLResponse:
    """Show how to use the portal from programs, and how to get a token; readers."""
    names = catalogs.names()
    portal = portal_of(request)
    values = {
        "title": "Help",
        "here": "help",
        "anonymous": context.settings.anonymous_reading,
        "portal_url": portal,
        "tap": f"{portal}tap",
        "example_table": names[0] if names else "hipparcos",
    }
    return render(request, user, "help.html", values)


@router.get("/api", include_in_schema=False)
def api_page(request: Request, user: OptionalUser) -> HTMLResponse:
    """Show every route of the API; readers."""
    return render(request, user, "api.html", {"title": "API", "groups": routes(request.app.openapi())})
