"""Where the portal is, as who asks reaches it."""

from __future__ import annotations

from fastapi import Request


def portal_of(request: Request) -> str:
    """Give the absolute URL of the portal, with a slash at its end."""
    return f"{str(request.base_url).rstrip('/')}{request.app.state.prefix}"
