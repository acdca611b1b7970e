"""The labs of a user, as the hub tells them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import httpx

from uraniborg_portal.identity.hub_sign_in import HubSignIn
from uraniborg_portal.identity.models import User

SECONDS = 2.0
"""How long the home page waits for the hub."""


@dataclass(frozen=True, kw_only=True)
class Lab:
    """A lab that runs or starts."""

    title: str
    url: str
    """Its page: a path on the hub's host or, where each lab has a host of its own, a URL."""
    ready: bool


async def labs(sign_in: HubSignIn | None, user: User | None) -> tuple[Lab, ...]:
    """Give the labs of a user that run or start; none where nobody signed in or the hub does not answer."""
    if sign_in is None or user is None:
        return ()
    hub = sign_in.hub
    try:
        answer = await sign_in.client.get(
            f"{hub.api_url}/users/{quote(user.name, safe='')}",
            headers={"Authorization": f"token {hub.api_token}"},
            timeout=SECONDS,
        )
        answer.raise_for_status()
    except httpx.HTTPError:
        return ()
    servers = (answer.json().get("servers") or {}).values()
    return tuple(
        Lab(
            title=f"Lab {server['name']}" if server.get("name") else "My lab",
            url=server["url"] if server.get("ready") else f"{hub.hub_path}user-redirect/lab",
            ready=bool(server.get("ready")),
        )
        for server in servers
    )
