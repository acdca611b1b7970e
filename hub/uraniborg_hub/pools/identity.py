"""Who asks: a hub token in a header, or in the session cookie of a browser that signed in."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256

from fastapi.requests import HTTPConnection

from uraniborg_hub.pools.errors import NotAllowed, SignInNeeded
from uraniborg_hub.pools.hub_api import HubAPI, HubUnreachable, TokenOwner
from uraniborg_hub.pools.service import Service, origin
from uraniborg_hub.pools.sessions import SESSION, Seal

LONGEST_TOKEN = 512
REMEMBERED = 10_000
"""Tokens that are remembered at once."""
STALE_SECONDS = 3600
"""While the hub does not answer, a token that it confirmed so long ago is still good, seconds."""


@dataclass(frozen=True, kw_only=True)
class Asker:
    """A user of the hub who may use pools."""

    name: str
    admin: bool
    by_cookie: bool
    """Whether a browser's cookie told who it is: another page may have made the browser ask."""
    lab: str | None
    """The server name of the lab whose token was shown; None for any other token."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the hub said about a token, and when (monotonic seconds)."""

    owner: TokenOwner | None
    time: float


class TokenMemory:
    """Remembers the hub's answers, so that not every request asks it; keeps no token, only its hash."""

    def __init__(self, hub: HubAPI, seconds: float) -> None:
        self._hub = hub
        self._seconds = seconds
        self._answers: OrderedDict[bytes, Answer] = OrderedDict()

    async def owner(self, token: str) -> TokenOwner | None:
        """Give the owner of a token; raises HubUnreachable when neither hub nor memory knows."""
        key, now = sha256(token.encode()).digest(), time.monotonic()
        known = self._answers.get(key)
        if known and now - known.time < self._seconds:
            return known.owner
        try:
            owner = await self._hub.owner(token)
        except HubUnreachable:
            if known and known.owner and now - known.time < STALE_SECONDS:
                return known.owner
            raise
        self._answers[key] = Answer(owner=owner, time=now)
        self._answers.move_to_end(key)
        if len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)
        return owner


def token_of(authorization: str) -> str:
    """Give the token of an `Authorization` header: `Bearer` or the hub's own `token`."""
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    plain = token.isascii() and token.isprintable() and 0 < len(token) <= LONGEST_TOKEN
    if scheme.lower() not in ("bearer", "token") or not plain:
        raise SignInNeeded("The Authorization header holds no hub token; 'Bearer <token>' is accepted.", REMEDY)
    return token


REMEDY = "Use the token of your lab (JUPYTERHUB_API_TOKEN), or make one on the hub's Token page."


class Identity:
    """Finds out who asks."""

    def __init__(self, service: Service, memory: TokenMemory, seal: Seal) -> None:
        self._service = service
        self._memory = memory
        self._seal = seal

    async def asker(self, connection: HTTPConnection) -> Asker:
        """Give who asks.

        Raises
        ------
        SignInNeeded
            No token, or one that the hub does not accept.
        NotAllowed
            The token is a service's, or its scopes do not include this service.
        HubUnreachable
            The hub does not answer, and the token is new.
        """
        header = connection.headers.get("authorization")
        if header is not None:
            return await self._checked(token_of(header), by_cookie=False)
        session = self._seal.opened(connection.cookies.get(SESSION, ""))
        if session is None:
            raise SignInNeeded("Pools belong to a signed-in user; this request names none.", REMEDY)
        return await self._checked(session["token"], by_cookie=True)

    async def service(self, connection: HTTPConnection) -> str:
        """Give the name of the hub's service that asks, by its own token in the header.

        Raises
        ------
        SignInNeeded
            No token, or one that the hub does not accept.
        NotAllowed
            The token is a user's.
        HubUnreachable
            The hub does not answer, and the token is new.
        """
        owner = await self._memory.owner(token_of(connection.headers.get("authorization", "")))
        if owner is None:
            raise SignInNeeded("The hub does not accept this token.", "Use the service's own token.")
        if owner.kind != "service":
            raise NotAllowed("This token is a user's; a service's own token is accepted.", "Users have api/pools.")
        return owner.name

    async def _checked(self, token: str, *, by_cookie: bool) -> Asker:
        owner = await self._memory.owner(token)
        if owner is None:
            raise SignInNeeded("The hub does not accept this token (it may have ended with its lab).", REMEDY)
        if owner.kind != "user" or not owner.scopes & self._service.access_scopes:
            needed = min(self._service.access_scopes, key=lambda scope: (-len(scope), scope))
            raise NotAllowed(f"This token may not use pools: a user's token with the scope {needed} may.", REMEDY)
        return Asker(name=owner.name, admin=owner.admin, by_cookie=by_cookie, lab=owner.lab)


def same_origin(connection: HTTPConnection, service: Service) -> bool:
    """Whether a browser's request comes from a page of this platform, as Sec-Fetch-Site and Origin tell."""
    site = connection.headers.get("sec-fetch-site")
    source = connection.headers.get("origin")
    if source is None:
        return site == "same-origin"
    ours = {origin(service.public_url).partition("://")[2], connection.headers.get("host")}
    return site in (None, "same-origin") and source.partition("://")[2] in ours


def refuse_other_pages(connection: HTTPConnection, asker: Asker, service: Service) -> None:
    """Refuse a changing request that a page of another origin made a signed-in browser send."""
    if asker.by_cookie and not same_origin(connection, service):
        raise NotAllowed(
            "A page of another origin can't change pools.", "Use the page of pools, or a token in the header."
        )
