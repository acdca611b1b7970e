"""The application: settings in, a FastAPI app with every feature's routes out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from uraniborg_portal import context, render
from uraniborg_portal.instruments.routes import router as instruments
from uraniborg_portal.queries.routes import router as queries
from uraniborg_portal.resolver.routes import router as resolver
from uraniborg_portal.settings import Settings
from uraniborg_portal.tap.routes import router as tap
from uraniborg_portal.web.routes import router as web

FEATURES = (queries, resolver, tap, instruments, web)
"""Each feature adds its routes here, and nowhere else."""


def create_app(settings: Settings, prefix: str = "/services/portal/") -> FastAPI:
    """Give the portal's application, mounted below `prefix`."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.context = context.build(settings)
        yield

    base = prefix.rstrip("/")
    app = FastAPI(
        title="Uraniborg portal",
        version=version("uraniborg"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{base}/api/openapi.json",
    )
    app.state.prefix = f"{base}/"
    render.install(app)
    for router in FEATURES:
        app.include_router(router, prefix=base)
    return app
