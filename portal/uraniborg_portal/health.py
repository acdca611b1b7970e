"""Whether the portal answers, and how what it needs is doing."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter, Response

from uraniborg_portal.context import Context

router = APIRouter()


@router.get("/api/health")
async def health() -> dict[str, str]:
    """Say that the portal answers, and its version, whatever the database does: for liveness; anyone."""
    return {"status": "ok", "version": version("uraniborg")}


@router.get("/api/ready")
async def ready(context: Context, response: Response) -> dict[str, str]:
    """Say whether requests should be sent here (503 once it is told to stop), and whether the database answers; anyone.

    A database that is gone is told and is no reason to be left out: no replica has another one, and a sentence helps
    people more than a gateway's error.
    """
    stopping = context.jobs.runner.closing
    response.status_code = 503 if stopping else 200
    return {
        "status": "stopping" if stopping else "ready",
        "database": "answers" if context.jobs.runner.heard else "does not answer",
    }
