"""Who asks: a hub token, a session cookie, or nobody."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class User:
    """A person, as the hub knows them."""

    name: str
    groups: frozenset[str] = frozenset()
    admin: bool = False
