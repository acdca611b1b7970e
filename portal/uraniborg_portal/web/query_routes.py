"""Routes of the pages of a query's result."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from uraniborg_portal.address import portal_of
from uraniborg_portal.context import Context
from uraniborg_portal.identity.dependencies import OptionalUser
from uraniborg_portal.links import query_page
from uraniborg_portal.security import content_security_policy
from uraniborg_portal.web.notebook import of_query
from uraniborg_portal.web.page import render

router = APIRouter()


@router.get("/queries", include_in_schema=False)
def queries(request: Request, user: OptionalUser) -> HTMLResponse:
    """Show the reader's own queries that run in the background; readers."""
    lead = "Queries that run in the background: they go on when this page is closed; results are kept for days."
    alone = "" if user else " You have not signed in: this browser alone knows the queries that it made."
    values = {
        "title": "My queries",
        "lead": lead + alone,
        "here": "queries",
        "module": "queries",
    }
    return render(request, user, "module.html", values)


@router.get("/remote", include_in_schema=False)
def remote(request: Request, user: OptionalUser, service: str | None = None, table: str | None = None) -> HTMLResponse:
    """Show the form for other TAP services; `service` and `table` fill it; readers."""
    given = {"service": service, "table": table}
    values = {
        "title": "Other services",
        "lead": "Tables of other TAP services. The portal asks them as nobody, and keeps what they answer.",
        "here": "remote",
        "module": "remote",
        "result": "queries/",
        "state": {name: text[:400] for name, text in given.items() if text},
    }
    return render(request, user, "module.html", values)


@router.get("/async/{identifier}", include_in_schema=False)
async def async_query(request: Request, context: Context, user: OptionalUser, identifier: str) -> HTMLResponse:
    """Show a query that runs in the background in the browser, to edit it and to see its result; its owner."""
    job = await context.tap_jobs.get(identifier, user)
    values = {"title": "Query in the background", "module": "browse", "result": "queries/", "state": {"job": job.id}}
    return render(request, user, "module.html", values)


@router.get("/queries/{identifier}", include_in_schema=False)
def query(request: Request, context: Context, user: OptionalUser, identifier: str) -> HTMLResponse:
    """Show a stored result in the browser; readers who have its address."""
    stored = context.results.store.get(identifier)
    values = {
        "title": f"{'Query result' if stored.adql else 'Table'}, {stored.description.rows_text}",
        "module": "remote" if stored.description.service else "browse",
        "result": "queries/",
        "state": {"query": stored.id},
    }
    return render(request, user, "module.html", values)


@router.get("/queries/{identifier}/notebook.ipynb", include_in_schema=False)
def notebook(request: Request, context: Context, identifier: str) -> JSONResponse:
    """Give a notebook that repeats the query and plots its result; readers who have its address."""
    stored = context.results.store.get(identifier)
    content = of_query(stored, portal_of(request) + query_page(stored.id))
    headers = {"Content-Disposition": f'attachment; filename="query-{stored.id[:8]}.ipynb"'}
    return JSONResponse(content, media_type="application/x-ipynb+json", headers=headers)


@router.get("/queries/{identifier}/samp", include_in_schema=False)
def samp(request: Request, context: Context, user: OptionalUser, identifier: str) -> HTMLResponse:
    """Show the page that sends a result to programs of this computer by SAMP; readers who have its address.

    Only this page's Content-Security-Policy lets scripts reach the local SAMP hub (SAMP 1.3, section 5.2).
    """
    stored = context.results.store.get(identifier)
    values = {
        "title": "Send by SAMP",
        "identifier": stored.id,
        "described": f"Uraniborg query {stored.id[:8]}, {stored.description.rows_text}",
        "table_url": f"{portal_of(request)}api/queries/{stored.id}/file?format=votable",
    }
    page = render(request, user, "samp.html", values)
    policy = content_security_policy(request.state.nonce, context.settings.hips_hosts, samp=True)
    page.headers["Content-Security-Policy"] = policy
    return page
