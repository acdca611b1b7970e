"""The proxy's routes without its opinion on who uses a lab."""

from __future__ import annotations

from typing import Any

from jupyterhub.proxy import ConfigurableHTTPProxy
from traitlets import Bool


class RouteActivityProxy(ConfigurableHTTPProxy):
    """configurable-http-proxy, whose times of last use the hub may leave aside.

    The proxy counts every byte: a forgotten page whose web sockets are kept open by pings would be in use for ever.
    Where labs tell the hub by themselves when they were used, theirs is the only word.
    """

    counts_traffic = Bool(True, help="Whether traffic through the proxy counts as use of a lab.").tag(config=True)

    async def get_all_routes(self) -> dict[str, Any]:
        """Give the routes; without their times of last use where these do not count."""
        routes: dict[str, Any] = await ConfigurableHTTPProxy.get_all_routes(self)
        if not self.counts_traffic:
            for route in routes.values():
                route["data"].pop("last_activity", None)
        return routes
