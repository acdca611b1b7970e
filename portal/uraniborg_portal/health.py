"""Whether the portal answers."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter

router = APIRouter()


@router.get("/api/health")
def health() -> dict[str, str]:
    """Say that the portal answers, and its version; anyone."""
    return {"status": "ok", "version": version("uraniborg")}
