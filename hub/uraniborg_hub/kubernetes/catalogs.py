"""Catalogs that pods read as files: a claim beside them, mounted read-only."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

VOLUME = "catalogs"
"""Its name in a pod."""


class Catalogs(BaseModel, frozen=True, extra="forbid"):
    """Where they are, and where pods see them."""

    claim: str = Field(min_length=1)
    """Their PersistentVolumeClaim, in the labs' namespace."""
    path: str = Field("/catalogs", pattern="^/")
    """Their folder in a pod."""


def volumes(catalogs: Catalogs | None) -> list[dict[str, Any]]:
    """Give the volume of a pod, which none of its containers can write; none where there are no catalogs."""
    if catalogs is None:
        return []
    return [{"name": VOLUME, "persistentVolumeClaim": {"claimName": catalogs.claim, "readOnly": True}}]


def mounts(catalogs: Catalogs | None) -> list[dict[str, Any]]:
    """Give the mount of a container."""
    return [{"name": VOLUME, "mountPath": catalogs.path, "readOnly": True}] if catalogs else []
