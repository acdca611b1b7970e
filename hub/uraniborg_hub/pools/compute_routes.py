"""The pool of the portal's jobs: where it answers, for the portal alone, and how it is, for admins."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from uraniborg_hub.pools.body import wait_seconds
from uraniborg_hub.pools.context import context
from uraniborg_hub.pools.errors import NotAllowed, NotFound
from uraniborg_hub.pools.facts import facts

router = APIRouter(prefix="/api/compute")


@router.get("")
async def told(request: Request) -> JSONResponse:
    """Tell scheduler and way in; `wait` holds the answer back until there is one. For that service's own token."""
    parts = context(request)
    service = await parts.identity.service(request)
    compute = parts.standing.compute
    if compute is None:
        raise none_kept()
    if service != compute.service:
        raise NotAllowed(f"The pool is that of the service {compute.service}; this token is another service's.")
    access = await parts.standing.access(wait_seconds(request))
    told = {"scheduler": access.scheduler, "security": asdict(access.credentials)}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


@router.get("/state")
async def state(request: Request) -> JSONResponse:
    """Tell state, workers and what they do, and why workers are not there yet. For admins."""
    parts = context(request)
    asker = await parts.identity.asker(request)
    if not asker.admin:
        raise NotAllowed("The pool of the portal's jobs is shown to admins.")
    pool = parts.standing.shown()
    if pool is None:
        raise none_kept()
    now = await pool.figures()
    told = facts(pool) | {"figures": asdict(now) if now else None}
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


def none_kept() -> NotFound:
    """Say that the settings want no such pool."""
    return NotFound("No pool is kept for a service here.", "Run jobs as processes, or set [pools.compute].")
