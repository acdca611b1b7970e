"""The pages: one route each, readable by readers; what is a user's own shows only to them."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from uraniborg_portal.address import portal_of
from uraniborg_portal.context import Context
from uraniborg_portal.identity.dependencies import OptionalUser, ReaderCatalogs, RequiredUser
from uraniborg_portal.instruments.installed import instrument as instrument_of
from uraniborg_portal.instruments.installed import instruments
from uraniborg_portal.instruments.store import Store
from uraniborg_portal.web import catalog_routes, query_routes, reference_routes, static_files
from uraniborg_portal.web.faces import faces
from uraniborg_portal.web.found import cones, runs
from uraniborg_portal.web.labs import labs
from uraniborg_portal.web.page import render
from uraniborg_portal.web.results import recent
from uraniborg_portal.web.sexagesimal import sexagesimal
from uraniborg_portal.web.start_state import catalog_state, instrument_state

router = APIRouter()
for part in (static_files, catalog_routes, query_routes, reference_routes):
    router.include_router(part.router)

EXAMPLES = ("M42", "Barnard's star", "M31", "GW150914", "05h35m17s -05d23m28s")


@router.get("", include_in_schema=False)
@router.get("/", include_in_schema=False)
async def home(request: Request, context: Context, catalogs: ReaderCatalogs, user: OptionalUser) -> HTMLResponse:
    """Show the home page; readers."""
    values = {
        "catalogs": catalogs.all(),
        "instruments": instruments().values(),
        "examples": EXAMPLES,
        "labs": await labs(context.sign_in, user),
        "recent": recent(context, user),
    }
    return render(request, user, "home.html", values)


@router.get("/sky", include_in_schema=False)
def sky(
    request: Request, context: Context, catalogs: ReaderCatalogs, user: OptionalUser, name: str = ""
) -> HTMLResponse:
    """Show what is known of an object, event or position, and what to do with it; readers."""
    found = context.resolver.resolve(name)
    values = {
        "title": found.name,
        "query": name,
        "found": found,
        "sexagesimal": None if found.ra is None or found.dec is None else sexagesimal(found.ra, found.dec),
        "cones": cones(found, name, catalogs.all()),
        "runs": runs(found, instruments().values()),
    }
    return render(request, user, "sky.html", values)


@router.get("/catalogs/{name}", include_in_schema=False)
def catalog(
    request: Request, context: Context, catalogs: ReaderCatalogs, user: OptionalUser, name: str
) -> HTMLResponse:
    """Show the browser of a catalog; `target` and `radius` fill its form; readers."""
    described = catalogs.get(name)
    here = catalogs.collection(name).origin is None
    values = {
        "title": described.title,
        "module": "browse",
        "result": "queries/",
        "state": catalog_state(described.name, request.query_params),
        "faces": faces(described, published=bool(context.settings.curation.authority), here=here),
        "portal_url": portal_of(request),
    }
    return render(request, user, "module.html", values)


@router.get("/instruments/{name}", include_in_schema=False)
def instrument(request: Request, user: OptionalUser, name: str) -> HTMLResponse:
    """Show the form of an instrument; query parameters fill it; readers (running it needs a user)."""
    described = instrument_of(name)
    values = {
        "title": described.title,
        "lead": described.description,
        "module": "instrument",
        "sign_in_first": True,
        "state": instrument_state(described, request.query_params),
    }
    return render(request, user, "module.html", values)


@router.get("/jobs/{identifier}", include_in_schema=False)
def job(request: Request, context: Context, user: RequiredUser, identifier: str) -> HTMLResponse:
    """Show a job as it runs, and its product; its owner."""
    found = Store(context.database).job(identifier, user.name)
    title = f"Job of {instrument_of(found.instrument).title}"
    values = {"title": title, "module": "instrument", "state": {"job": found.id}}
    return render(request, user, "module.html", values)


@router.get("/products/{identifier}", include_in_schema=False)
def product(request: Request, context: Context, user: OptionalUser, identifier: str) -> HTMLResponse:
    """Show a product; readers who have its address."""
    found = Store(context.database).product(identifier)
    values = {"title": found.title, "module": "instrument", "state": {"product": found.id}}
    return render(request, user, "module.html", values)
