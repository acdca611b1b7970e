"""The hub's side of the proxy: routes that a restarted proxy has lost are back within a second."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import ClientError
from jupyterhub.httpclient import fetch
from jupyterhub.utils import url_path_join
from tornado.ioloop import PeriodicCallback
from traitlets import Float, Instance

from uraniborg_hub.route_activity import RouteActivityProxy

MARK = "/hub/routes-kept"
"""A route of the hub's own, set after all others; it changes no answer, as the hub has what is below /hub anyway.
A proxy without it does not know all routes. JupyterHub removes no route that lacks its flag."""
ANSWER_SECONDS = 2.0
"""Seconds that the proxy has to answer one look."""


class WatchedProxy(RouteActivityProxy):
    """A proxy that others start, and start again.

    JupyterHub itself compares all routes every `last_activity_interval` (five minutes): after a restart of the proxy,
    labs that run would be out of reach so long. Here one route is looked at twice a second, from the hub's first
    complete check on, and where it is missing all routes are set again.
    """

    look_seconds = Float(0.5, help="Seconds from one look at the proxy to the next.").tag(config=True)
    watch = Instance(PeriodicCallback, allow_none=True)

    async def check_routes(
        self, user_dict: Mapping[Any, Any], service_dict: Mapping[str, Any], routes: Mapping[str, Any] | None = None
    ) -> None:
        """Set what the proxy lacks; the first time, begin to watch it."""
        await RouteActivityProxy.check_routes(self, user_dict, service_dict, routes)
        if self.watch is None:
            self.watch = PeriodicCallback(lambda: self._look(user_dict, service_dict), 1000 * self.look_seconds)
            self.watch.start()

    async def _look(self, users: Mapping[Any, Any], services: Mapping[str, Any]) -> None:
        """Set all routes where the proxy lacks the mark."""
        try:
            if await self._ask("GET") != HTTPStatus.NOT_FOUND:
                return
            self.log.warning("The proxy does not know all routes; setting them.")
            # Twice, as the first may join a check that began when the proxy before still ran.
            for _ in range(2):
                await self.check_routes(users, services)
            await self._ask("POST", {"target": self.hub.host})
        except (ClientError, OSError) as error:
            # It restarts, or its machine is gone: the next look tells.
            self.log.debug("The proxy does not answer: %s", error)

    async def _ask(self, method: str, body: object = None) -> int:
        """Ask for the mark once, without JupyterHub's growing pauses, and give the answer's status."""
        headers = {"Authorization": f"token {self.auth_token}"}
        url = url_path_join(self.api_url, "api/routes", MARK)
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = await fetch(url, method=method, headers=headers, json=body, raise_for_status=False)
            await answer.read()
        status: int = answer.status
        return status
