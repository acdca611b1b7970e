"""The application: the broker's place, its limits and a back end in, a FastAPI app out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from uraniborg_hub.pools import compute_routes, context, dashboard, labs, page, render, routes, sign_in
from uraniborg_hub.pools.backend import Backend
from uraniborg_hub.pools.service import Service
from uraniborg_hub.pools.settings import PoolLimits

PARTS = (routes.router, compute_routes.router, sign_in.router, page.router, dashboard.router)
"""In this order: the dashboards' routes take every path that nobody else has."""


def create_app(service: Service, limits: PoolLimits, backend: Backend) -> FastAPI:
    """Give the broker's application, mounted below its service prefix."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        parts = app.state.context = context.build(service, limits, backend)
        standing = await parts.pools.keep_existing()
        beside = [
            asyncio.create_task(labs.follow(parts.pools, parts.hub, limits.lab_seconds)),
            asyncio.create_task(parts.standing.keep(standing)),
        ]
        yield
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await parts.pools.close()
        await parts.client.aclose()

    app = FastAPI(
        title="Uraniborg pools",
        version=version("uraniborg"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    render.install(app)
    for router in PARTS:
        app.include_router(router, prefix=service.prefix.rstrip("/"))
    return app
