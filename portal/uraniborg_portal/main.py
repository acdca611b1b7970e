"""The application: settings in, a FastAPI app with every feature's routes out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import Depends, FastAPI
from fastapi.responses import RedirectResponse

from uraniborg_portal import context, health, render
from uraniborg_portal.cone_search.refusal import cone_refusal
from uraniborg_portal.cone_search.routes import router as cone_search
from uraniborg_portal.datalink.routes import router as datalink
from uraniborg_portal.density.refusal import hips_refusal
from uraniborg_portal.density.routes import router as density
from uraniborg_portal.identity.dependencies import reader
from uraniborg_portal.identity.models import HubService
from uraniborg_portal.identity.routes import router as identity
from uraniborg_portal.instruments.routes import router as instruments
from uraniborg_portal.parameters import check_characters, check_known
from uraniborg_portal.queries.routes import router as queries
from uraniborg_portal.queries.targets.routes import router as targets
from uraniborg_portal.records.routes import router as records
from uraniborg_portal.remote.routes import router as remote
from uraniborg_portal.resolver.routes import router as resolver
from uraniborg_portal.security import BodyLimit, NoTraceback, SecurityHeaders
from uraniborg_portal.settings import Settings
from uraniborg_portal.tap.jobs.api_routes import router as api_jobs
from uraniborg_portal.tap.jobs.routes import router as tap_jobs
from uraniborg_portal.tap.refusal import votable_answer
from uraniborg_portal.tap.routes import documents as tap_documents
from uraniborg_portal.tap.routes import router as tap
from uraniborg_portal.user_tables.routes import router as user_tables
from uraniborg_portal.web.error_page import error_page
from uraniborg_portal.web.routes import router as web

FEATURES = (
    queries, targets, resolver, tap, tap_jobs, api_jobs, cone_search, datalink, density, records, instruments, remote,
    user_tables, web,
)  # fmt: skip
"""Each feature adds its routes here, and nowhere else; all of them need `reader` (anonymous reading is a setting)."""

OPEN = (health.router, identity, tap_documents)
"""Routes that answer whoever asks, whatever the settings."""


def create_app(settings: Settings, prefix: str = "/services/portal/", hub: HubService | None = None) -> FastAPI:
    """Give the portal's application, mounted below `prefix`; without `hub` nobody can sign in."""
    base = prefix.rstrip("/")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with context.running(settings, f"{base}/", hub) as process:
            app.state.context = process
            yield

    app = FastAPI(
        title="Uraniborg portal",
        version=version("uraniborg"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{base}/api/openapi.json",
        redirect_slashes=False,
    )
    app.state.prefix = f"{base}/"
    render.install(app)
    render.register(app, "", error_page)
    render.register(app, "tap/", votable_answer)
    render.register(app, "datalink/", votable_answer)
    render.register(app, "scs/", cone_refusal)
    render.register(app, "hips/", hips_refusal)
    most, loaded = (size * 1_000_000 for size in (settings.requests.megabytes, settings.user_tables.load_megabytes))
    app.add_middleware(
        BodyLimit, most_bytes=most, answer=render.portal_error, larger={f"{base}/tap/load/": max(most, loaded)}
    )
    app.add_middleware(NoTraceback, answer=render.portal_error)
    app.add_middleware(SecurityHeaders, hips_hosts=settings.hips_hosts)
    checks = [Depends(check_characters), Depends(check_known)]
    for router in OPEN:
        app.include_router(router, prefix=base, dependencies=checks)
    for router in FEATURES:
        app.include_router(router, prefix=base, dependencies=[*checks, Depends(reader)])
    if hub is None:
        app.add_route("/", lambda request: RedirectResponse(f"{base}/"), include_in_schema=False)
    return app
