"""Everything that signs people in through the hub."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from uraniborg_portal.identity.hub_users import HubUsers
from uraniborg_portal.identity.models import HubService
from uraniborg_portal.identity.sessions import Cookies
from uraniborg_portal.identity.tokens import Tokens
from uraniborg_portal.settings import SignInSettings


@dataclass(frozen=True, kw_only=True)
class HubSignIn:
    """The hub, what it said of tokens, and the cookies of browsers."""

    hub: HubService
    client: httpx.AsyncClient
    tokens: Tokens
    cookies: Cookies

    @property
    def users(self) -> HubUsers:
        """Users by their names."""
        return HubUsers(self.hub, self.client)


def make(hub: HubService, prefix: str, settings: SignInSettings) -> HubSignIn:
    """Give what signs people in; the caller closes `client`."""
    client = httpx.AsyncClient(timeout=httpx.Timeout(10, connect=3), trust_env=False)
    return HubSignIn(
        hub=hub,
        client=client,
        tokens=Tokens(hub, client, settings),
        cookies=Cookies(hub, prefix, int(settings.session_days * 86400)),
    )
