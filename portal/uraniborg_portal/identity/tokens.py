"""Hub tokens to users: asked of the hub, kept by hash for minutes, and longer while the hub is down."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from uraniborg_portal.errors import Unavailable
from uraniborg_portal.identity.models import HubService, User
from uraniborg_portal.settings import SignInSettings

LOG = logging.getLogger(__name__)

KEPT = 10_000
"""Tokens remembered at most; the one unused for longest is forgotten first."""

PAUSE = 5.0
"""Seconds for which a hub that did not answer is not asked again, so that requests don't wait for it one by one."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What the hub said of a token, and when (seconds of the clock)."""

    user: User | None
    at: float


class Tokens:
    """Checks hub tokens.

    - A token is asked of the hub at most once per `fresh_seconds`; a revoked one stops working within that time.
    - While the hub does not answer, a token that it accepted less than `hub_down_seconds` ago keeps working.
    - Tokens are kept as SHA-256, never as themselves.
    """

    def __init__(
        self,
        hub: HubService,
        client: httpx.AsyncClient,
        settings: SignInSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.hub = hub
        self.client = client
        self.settings = settings
        self.clock = clock
        self.checked: OrderedDict[str, Checked] = OrderedDict()
        self.asking: dict[str, asyncio.Task[Checked]] = {}
        self.down_until = 0.0

    async def user(self, token: str, session: str = "") -> User | None:
        """Give the user of a token, None where the hub does not know it or it may not use the portal.

        `session` is the browser's hub session: the hub's log-out changes it, so that the token is asked again.

        Raises
        ------
        Unavailable
            The hub does not answer and the token was not checked before.
        """
        key = hashlib.sha256(f"{session}\n{token}".encode()).hexdigest()
        known = self.checked.get(key)
        if known and self.clock() - known.at < self.settings.fresh_seconds:
            return known.user
        try:
            return (await self.ask_once(key, token)).user
        except httpx.HTTPError as error:
            return self.without_hub(known, error)

    def forget(self, token: str, session: str = "") -> None:
        """Drop what is known of a token."""
        self.checked.pop(hashlib.sha256(f"{session}\n{token}".encode()).hexdigest(), None)

    async def ask_once(self, key: str, token: str) -> Checked:
        """Ask the hub; requests that come with the same token meanwhile share the one question."""
        if key not in self.asking:
            self.asking[key] = asyncio.create_task(self.ask(token))
            self.asking[key].add_done_callback(lambda _: self.asking.pop(key, None))
        answer = await asyncio.shield(self.asking[key])
        self.checked[key] = answer
        self.checked.move_to_end(key)
        while len(self.checked) > KEPT:
            self.checked.popitem(last=False)
        return answer

    async def ask(self, token: str) -> Checked:
        """Ask the hub who has the token (JupyterHub REST API, `GET /user`).

        Raises
        ------
        httpx.HTTPError
            The hub does not answer, or answers with a failure of its own.
        """
        if self.clock() < self.down_until:
            raise httpx.ConnectError("the hub did not answer a moment ago")
        try:
            answer = await self.client.get(f"{self.hub.api_url}/user", headers={"Authorization": f"token {token}"})
            if answer.status_code >= 500:
                answer.raise_for_status()
        except httpx.HTTPError:
            self.down_until = self.clock() + PAUSE
            raise
        model = answer.json() if answer.status_code == 200 else {}
        return Checked(user=user_of(model, self.hub.access_scopes), at=self.clock())

    def without_hub(self, known: Checked | None, error: httpx.HTTPError) -> User:
        """Give the user of a token that was accepted before the hub went down."""
        if known and known.user and self.clock() - known.at < self.settings.hub_down_seconds:
            return known.user
        LOG.warning("the hub does not answer: %s", error)
        raise Unavailable(
            "The hub does not answer, so that this token can't be checked now.",
            "Public catalogs can be read without signing in; try again in a minute.",
        )


def user_of(model: dict[str, object], access_scopes: frozenset[str]) -> User | None:
    """Give the user of the hub's answer, None for services and for tokens without access to the portal."""
    scopes, groups, name = model.get("scopes"), model.get("groups"), model.get("name")
    if model.get("kind") != "user" or not isinstance(name, str) or not isinstance(scopes, list):
        return None
    if not access_scopes.intersection(scopes):
        return None
    return User(
        name=name,
        groups=frozenset(groups) if isinstance(groups, list) else frozenset(),
        admin=model.get("admin") is True,
    )
