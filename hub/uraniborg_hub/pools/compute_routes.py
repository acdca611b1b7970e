"""Where the pool of the portal's jobs answers: for the portal alone."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from uraniborg_hub.pools.body import wait_seconds
from uraniborg_hub.pools.context import context
from uraniborg_hub.pools.errors import NotAllowed, NotFound

router = APIRouter(prefix="/api/compute")


@router.get("")
async def told(request: Request) -> JSONResponse:
    """Tell scheduler and way in; `wait` holds the answer back until there is one. For that service's own token."""
    parts = context(request)
    service = await parts.identity.service(request)
    compute = parts.standing.compute
    if compute is None:
        raise NotFound("No pool is kept for a service here.", "Run jobs as processes, or set [pools.compute].")
    if service != compute.service:
        raise NotAllowed(f"The pool is that of the service {compute.service}; this token is another service's.")
    access = await parts.standing.access(wait_seconds(request))
    told = {"scheduler": access.scheduler, "security": asdict(access.credentials)}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})
