"""The only file that speaks HTTP with the platform's broker of pools."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from uraniborg._errors import UraniborgError
from uraniborg._portal import SERVICE, Portal

POOLS = "/services/pools/"
"""Where a hub mounts the broker."""
GONE = 404


def address(portal_url: str, variables: Mapping[str, str]) -> str:
    """Give the broker's address: the lab's own when the portal is the lab's own, else the one beside the portal.

    A token goes to the portal's host only, and to the one that the lab's own environment names beside this portal: on
    a cluster each has a host of its own.
    """
    named = variables.get("URANIBORG_POOLS_URL", "")
    beside = f"{portal_url.rpartition(SERVICE)[0]}{POOLS}"
    trusted = {urlsplit(each).netloc for each in (named, variables.get("URANIBORG_PORTAL_URL", ""))}
    return f"{named.rstrip('/')}/" if named and urlsplit(portal_url).netloc in trusted else beside


class Broker:
    """The broker of the platform that a connection leads to, asked with that connection's token."""

    def __init__(self, connection: Portal) -> None:
        self._connection = connection
        self._url = f"{address(connection.url, os.environ)}api/pools"

    def ask(self, method: str, path: str, content: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Ask about pools, or about the one that `path` names; gives its facts.

        Raises
        ------
        UraniborgError
            In the broker's words.
        """
        body = None if content is None else json.dumps(content).encode()
        url = f"{self._url}/{path}" if path else self._url
        reply = self._connection.relay(method, url, body, "application/json")
        facts = _parsed(reply.body)
        if reply.status >= 300 or not isinstance(facts, dict):
            raise UraniborgError.from_json(reply.status, facts)
        return facts

    def end(self, name: str) -> None:
        """End a pool; one that has ended is no error."""
        reply = self._connection.relay("DELETE", f"{self._url}/{name}")
        if reply.status >= 300 and reply.status != GONE:
            raise UraniborgError.from_json(reply.status, _parsed(reply.body))


def _parsed(body: bytes) -> object:
    try:
        parsed: object = json.loads(body)
    except ValueError:
        return None
    return parsed
