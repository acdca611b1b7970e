"""What the broker asks of the hub: who a token belongs to, whether a lab runs, and a token for an OAuth code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from uraniborg_hub.pools.errors import Unavailable
from uraniborg_hub.pools.service import Service

Lab = tuple[str, str]
"""One start of a lab: the server's name and when it started."""


class HubUnreachable(Unavailable):
    """The hub does not answer now."""

    def __init__(self) -> None:
        super().__init__("The hub does not answer.", "Try again in a moment; pools that run keep running.")


@dataclass(frozen=True, kw_only=True)
class TokenOwner:
    """What the hub says about a token."""

    name: str
    kind: str
    """`user` or `service`."""
    admin: bool
    scopes: frozenset[str]

    @property
    def lab(self) -> str | None:
        """The name of the one server whose token it is, as its scopes tell; None when it is another kind of token."""
        start = f"access:servers!server={self.name}/"
        named = [scope.removeprefix(start) for scope in self.scopes if scope.startswith(start)]
        return named[0] if len(named) == 1 else None


def labs(model: dict[str, Any]) -> frozenset[Lab]:
    """Give the labs of a user's model that run or start; one that is being stopped is gone."""
    servers = (model.get("servers") or {}).values()
    return frozenset(
        (server.get("name", ""), str(server.get("started"))) for server in servers if server.get("pending") != "stop"
    )


class HubAPI:
    """The hub's REST API, as far as the broker needs it.

    Every method raises HubUnreachable when the hub does not answer.
    """

    def __init__(self, service: Service, client: httpx.AsyncClient) -> None:
        self._service = service
        self._client = client

    async def owner(self, token: str) -> TokenOwner | None:
        """Give the owner of a token; None when the hub does not accept it."""
        answer = await self._ask("GET", "user", headers={"Authorization": f"token {token}"})
        model = answer.json() if answer.is_success else {}
        if not model.get("name"):
            return None
        scopes = frozenset(model.get("scopes") or ())
        return TokenOwner(
            name=model["name"],
            kind=model.get("kind", "user"),
            admin=bool(model.get("admin")) or "admin:servers" in scopes,
            scopes=scopes,
        )

    async def labs_of(self, user: str) -> frozenset[Lab]:
        """Give a user's labs that run now, with the broker's own token (scopes `read:users:name`, `read:servers`)."""
        headers = {"Authorization": f"token {self._service.token}"}
        answer = await self._ask("GET", f"users/{quote(user, safe='')}", headers=headers)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return frozenset()
        if not answer.is_success:
            raise HubUnreachable
        return labs(answer.json())

    async def token_for(self, code: str, verifier: str) -> str | None:
        """Exchange an OAuth code (RFC 6749 section 4.1.3, RFC 7636 section 4.5); None when the hub refuses it."""
        form = {
            "grant_type": "authorization_code",
            "client_id": self._service.client_id,
            "client_secret": self._service.token,
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": self._service.callback,
        }
        answer = await self._ask("POST", "oauth2/token", data=form)
        token = answer.json().get("access_token") if answer.is_success else None
        return str(token) if token else None

    async def _ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, data: dict[str, str] | None = None
    ) -> httpx.Response:
        url = f"{self._service.api_url}/{path}"
        try:
            answer = await self._client.request(method, url, headers=headers, data=data, timeout=10)
        except httpx.HTTPError as error:
            raise HubUnreachable from error
        if answer.is_server_error:
            raise HubUnreachable
        return answer
