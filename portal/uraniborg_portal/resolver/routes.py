"""Routes of the resolver."""

from __future__ import annotations

from fastapi import APIRouter

from uraniborg_portal.context import Context

router = APIRouter()


@router.get("/api/resolve")
def resolve(context: Context, name: str) -> dict[str, object]:
    """Resolve an object name, event name or coordinates; readers."""
    return context.resolver.resolve(name).as_json()
