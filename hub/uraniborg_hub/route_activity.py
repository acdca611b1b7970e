"""The proxy's routes without its opinion on who uses a lab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyterhub.proxy import ConfigurableHTTPProxy


class RouteActivityProxy(ConfigurableHTTPProxy):
    """configurable-http-proxy, whose times of last use count only for labs that do not tell theirs.

    The proxy counts every byte: a forgotten page whose web sockets are kept open by pings would be in use for ever.
    Where a lab tells the hub by itself when it was used, its word is the only one.
    """

    async def get_all_routes(self) -> dict[str, Any]:
        """Give the routes; those of such labs without their times of last use."""
        routes: dict[str, Any] = await ConfigurableHTTPProxy.get_all_routes(self)
        for route in routes.values():
            if self._tells(route["data"]):
                route["data"].pop("last_activity", None)
        return routes

    def _tells(self, data: Mapping[str, Any]) -> bool:
        """Whether a route leads to a lab that tells its use."""
        user = self.app.users.get(data.get("user"))
        spawner = user.spawners.get(data.get("server_name", "")) if user else None
        return bool(getattr(spawner, "tells_its_use", False))
