"""The broker's API: make, see, scale and end pools."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from uraniborg_hub.pools.body import json_object, wait_seconds
from uraniborg_hub.pools.context import Context, context
from uraniborg_hub.pools.errors import NotFound
from uraniborg_hub.pools.facts import facts
from uraniborg_hub.pools.identity import Asker, refuse_other_pages
from uraniborg_hub.pools.lives import Pool
from uraniborg_hub.pools.settings import PoolLimits

router = APIRouter(prefix="/api")

CLOSED = "You closed it."
ACCESS = frozenset({"scheduler", "security"})
"""What leads into a pool; figures are for showing."""


def limits_view(limits: PoolLimits) -> dict[str, object]:
    """Give the limits that a user may know."""
    names = ("pools_per_user", "workers_per_user", "threads_per_worker", "memory_per_worker", "idle_seconds")
    return {name: getattr(limits, name) for name in names}


def view(pool: Pool, asker: Asker, parts: Context) -> dict[str, Any]:
    """Give a pool as JSON: address and PEMs for its owner's programs only, never for a page in a browser."""
    access = pool.access
    may_connect = access is not None and asker.name == pool.spec.owner and not asker.by_cookie
    return {
        **facts(pool),
        "created": datetime.fromtimestamp(pool.created, UTC).isoformat(timespec="seconds"),
        "scheduler": access.scheduler if access and may_connect else None,
        "security": asdict(access.credentials) if access and may_connect else None,
        "dashboard": parts.service.dashboard(pool.spec.name),
        "limits": limits_view(parts.limits),
    }


def owned(parts: Context, asker: Asker, name: str, *, admins: bool) -> Pool:
    """Give a pool of the asker; an admin may have another's where `admins` says so.

    Raises
    ------
    NotFound
        There is none of this name, or it is another user's; tells why it ended when it was the asker's.
    """
    pool = parts.pools.find(name)
    if pool and (pool.spec.owner == asker.name or (admins and asker.admin)):
        return pool
    why = parts.pools.why_ended(name, asker.name)
    raise NotFound(
        f"The pool {name} has ended. {why}" if why else "You have no pool of this name.",
        "Make a new one: ub.Pool(workers=4)." if why else "GET api/pools lists yours.",
    )


@router.get("/health")
async def health() -> dict[str, str]:
    """Say that the broker runs. For anyone."""
    return {"status": "ok", "version": version("uraniborg")}


@router.get("/pools")
async def listed(request: Request) -> JSONResponse:
    """List the asker's pools; an admin gets everyone's. For signed-in users."""
    parts = context(request)
    asker = await parts.identity.asker(request)
    pools = [pool for pool in parts.pools.all() if asker.admin or pool.spec.owner == asker.name]
    return JSONResponse([view(pool, asker, parts) for pool in pools])


@router.post("/pools")
async def create(request: Request) -> JSONResponse:
    """Make a pool: 201 at once, in the state starting. For signed-in users, within the limits."""
    parts = context(request)
    asker = await parts.identity.asker(request)
    refuse_other_pages(request, asker, parts.service)
    pool = parts.pools.create(asker.name, await json_object(request), lab=asker.lab)
    location = f"{parts.service.prefix}api/pools/{pool.spec.name}"
    return JSONResponse(view(pool, asker, parts), 201, headers={"Location": location})


@router.get("/pools/{name}")
async def seen(request: Request, name: str) -> JSONResponse:
    """Show a pool; `wait` holds the answer back until its state changes. For its owner, and admins."""
    parts = context(request)
    asker = await parts.identity.asker(request)
    pool = owned(parts, asker, name, admins=True)
    if seconds := wait_seconds(request):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(pool.changed.wait(), seconds)
        pool = owned(parts, asker, name, admins=True)
    return JSONResponse(view(pool, asker, parts))


@router.get("/pools/{name}/figures")
async def figures(request: Request, name: str) -> JSONResponse:
    """Show a pool with what it does now: workers, memory, tasks. For its owner, and admins."""
    parts = context(request)
    asker = await parts.identity.asker(request)
    pool = owned(parts, asker, name, admins=True)
    now = await pool.figures()
    shown = {name: fact for name, fact in view(pool, asker, parts).items() if name not in ACCESS}
    return JSONResponse(shown | {"room": parts.pools.room(pool), "figures": asdict(now) if now else None})


@router.patch("/pools/{name}")
async def scaled(request: Request, name: str) -> JSONResponse:
    """Set the number of workers, or bounds between which it follows the load. For the owner, within the limits."""
    parts = context(request)
    asker = await parts.identity.asker(request)
    refuse_other_pages(request, asker, parts.service)
    pool = owned(parts, asker, name, admins=False)
    await parts.pools.scale(pool, await json_object(request))
    return JSONResponse(view(pool, asker, parts))


@router.delete("/pools/{name}")
async def ended(request: Request, name: str) -> Response:
    """End a pool: 204 when nothing of it runs any more. For its owner, and admins."""
    parts = context(request)
    asker = await parts.identity.asker(request)
    refuse_other_pages(request, asker, parts.service)
    pool = owned(parts, asker, name, admins=True)
    await parts.pools.end(pool, CLOSED if asker.name == pool.spec.owner else "An administrator ended it.")
    return Response(status_code=204)
