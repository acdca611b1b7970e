"""Defence against forged requests: what a request that a cookie signs must look like; pure."""

from __future__ import annotations

from collections.abc import Mapping

from uraniborg_portal.errors import NotAllowed

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CONTENT_TYPES = frozenset({"application/json", "application/octet-stream"})
"""Types that a form on another site can't send without the browser asking us first."""


def check_same_origin(method: str, headers: Mapping[str, str]) -> None:
    """Let pass a request that a cookie signs, if it reads only, or comes from a page of this origin.

    Raises
    ------
    NotAllowed
        It changes state and comes from another site, or with a content type that a plain form can send.
    """
    if method in SAFE_METHODS:
        return
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type not in CONTENT_TYPES:
        raise NotAllowed(
            f"A page's request with the content type {content_type[:60] or 'none'!r} is not accepted.",
            "Send application/json or application/octet-stream, or sign in with a token in the Authorization header.",
        )
    if not from_here(headers):
        raise NotAllowed(
            "This request came from a page of another site.",
            "Use a page of this portal, or sign in with a token in the Authorization header.",
        )


def from_here(headers: Mapping[str, str]) -> bool:
    """Say whether the browser marks the request as made by a page of this origin."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    host = headers.get("host", "")
    return headers.get("origin", "") in (f"http://{host}", f"https://{host}")
