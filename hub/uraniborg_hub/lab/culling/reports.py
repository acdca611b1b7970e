"""Tells the hub when the lab was last used, with the lab's own token, as JupyterHub's labs do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tornado.httpclient import AsyncHTTPClient, HTTPClientError

SECONDS = 10.0
"""How long the hub may take to answer."""


@dataclass(frozen=True, kw_only=True)
class HubReports:
    """Where this lab reports its use."""

    url: str
    """JUPYTERHUB_ACTIVITY_URL."""
    server: str
    """The lab's name; empty is the user's default one."""
    token: str

    async def tell(self, used: datetime) -> bool:
        """Tell the hub the last use; False where it does not take it now."""
        moment = used.isoformat().replace("+00:00", "Z")
        body = {"servers": {self.server: {"last_activity": moment}}, "last_activity": moment}
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        try:
            await AsyncHTTPClient().fetch(
                self.url, method="POST", headers=headers, body=json.dumps(body), request_timeout=SECONDS
            )
        except (HTTPClientError, OSError):
            return False
        return True


def reports(environment: Mapping[str, str]) -> HubReports | None:
    """Give what JupyterHub's variables of a lab say; None where no hub runs it."""
    url, token = environment.get("JUPYTERHUB_ACTIVITY_URL"), environment.get("JUPYTERHUB_API_TOKEN")
    if not url or not token:
        return None
    return HubReports(url=url, server=environment.get("JUPYTERHUB_SERVER_NAME", ""), token=token)
