"""Where the portal is, as who asks reaches it."""

from __future__ import annotations

from starlette.requests import Request

SCHEMES = ("http", "https")


def scheme_of(request: Request) -> str:
    """Give how who asks came to the first proxy, `http` or `https`: where that one ends TLS, only its header knows."""
    said = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    return said if said in SCHEMES else request.url.scheme


def portal_of(request: Request) -> str:
    """Give the absolute URL of the portal, with a slash at its end."""
    here = request.base_url.replace(scheme=scheme_of(request))
    return f"{str(here).rstrip('/')}{request.app.state.prefix}"
