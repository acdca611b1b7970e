"""Users by their names, as the hub tells them to the portal itself: for work that goes on while nobody asks."""

from __future__ import annotations

from urllib.parse import quote

import httpx

from uraniborg_portal.errors import Unavailable
from uraniborg_portal.identity.models import HubService, User


class HubUsers:
    """Asks the hub with the portal's own token (scopes `read:users:name`, `read:users:groups`)."""

    def __init__(self, hub: HubService, client: httpx.AsyncClient) -> None:
        self.hub = hub
        self.client = client

    async def user(self, name: str) -> User | None:
        """Give a user with the groups of now (JupyterHub REST API, `GET /users/{name}`); None where there is none.

        Raises
        ------
        Unavailable
            The hub does not answer, or not this question.
        """
        try:
            answer = await self.client.get(
                f"{self.hub.api_url}/users/{quote(name, safe='')}",
                headers={"Authorization": f"token {self.hub.api_token}"},
            )
            if answer.status_code == 404:
                return None
            groups = answer.raise_for_status().json().get("groups")
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(
                "The hub does not answer, so that nobody knows which catalogs this query may read.",
                "Run it again in a minute.",
            ) from error
        return User(name=name, groups=frozenset(groups if isinstance(groups, list) else ()))
