"""Which portal is meant: the lab's own, the one a user named, or the laptop's."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uraniborg._portal import Portal

LAPTOP = "http://{host}:{port}/services/portal/"


class _Current:
    """Holds the portal that every call without an explicit one goes to."""

    def __init__(self) -> None:
        self.portal: Portal | None = None
        self.lock = Lock()


_current = _Current()


def connect(url: str | None = None, token: str | None = None) -> Portal:
    """Say which platform all further calls go to, and give the connection.

    Inside a lab this is done by itself. Elsewhere `url` is the platform's address and `token` a token from its page
    "Token"; without a token, public catalogs can be read. Without `url` it is the platform on this machine.
    Nothing is sent yet.

    Raises
    ------
    UraniborgError
        `url` is not an address.
    """
    from uraniborg._portal import Portal

    address, found = environment(os.environ)
    mine = url is None
    public = os.environ.get("URANIBORG_PUBLIC_URL") if mine else None
    portal = Portal(url or address, token or (found if mine else None), public)
    with _current.lock:
        _current.portal = portal
    return portal


def current() -> Portal:
    """Give the connection that calls go to, made from the environment on first use."""
    return _current.portal or connect()


def environment(variables: os._Environ[str] | dict[str, str]) -> tuple[str, str | None]:
    """Give the address and the token that the environment names (a lab's variables, else this machine's platform)."""
    host, port = variables.get("URANIBORG_HOST") or "127.0.0.1", variables.get("URANIBORG_PORT") or "8000"
    url = variables.get("URANIBORG_PORTAL_URL") or LAPTOP.format(host=host, port=port)
    token = variables.get("URANIBORG_TOKEN") or variables.get("JUPYTERHUB_API_TOKEN")
    return url, token or None
