"""The lab's page's way to the portal, as an extension of the lab's server (`jupyter_server_config.json`).

Portal and lab may have hosts of their own (`subdomain_host`), so that no page of one acts at the other by a cookie.
The lab's server asks instead, with the lab's own token, and only for what the page shows.
"""

from __future__ import annotations

import json
import os
from urllib.parse import urlsplit

from jupyter_server.base.handlers import APIHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.web import authenticated

PATHS = r"(api/instruments|(?:queries|products)/[\w-]+/notebook\.ipynb)"
"""What a page may ask for, below the portal's address."""
OPTION = "uraniborgPortal"
"""The option of JupyterLab's page with the portal's path, which links to its notebooks begin with."""
SECONDS = 30.0
"""How long the portal may take to answer."""


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """Answer below `uraniborg/portal/`, where the environment names a portal."""
    portal, token = os.environ.get("URANIBORG_PORTAL_URL"), os.environ.get("JUPYTERHUB_API_TOKEN")
    if portal and token:
        route = url_path_join(server.base_url, "uraniborg", "portal", PATHS)
        server.web_app.add_handlers(".*$", [(route, PortalHandler, {"portal": portal, "token": token})])
        server.web_app.settings.setdefault("page_config_data", {})[OPTION] = urlsplit(portal).path


class PortalHandler(APIHandler):
    """`GET uraniborg/portal/PATH`: a document of the portal, for whoever may enter this lab."""

    def initialize(self, portal: str, token: str) -> None:
        """Take the portal's address, which ends with a slash, and the lab's token."""
        self._portal = portal
        self._bearer = token

    @authenticated
    async def get(self, path: str) -> None:
        """Give the portal's answer, errors included; 503 with a sentence where there is none."""
        headers = {"Authorization": f"Bearer {self._bearer}", "Accept": "application/json"}
        try:
            answer = await AsyncHTTPClient().fetch(
                f"{self._portal}{path}", headers=headers, raise_error=False, request_timeout=SECONDS
            )
        except (HTTPClientError, OSError):
            self.set_status(503)
            self.finish(json.dumps({"message": "The portal does not answer.", "remedy": "Try again in a minute."}))
            return
        self.set_status(answer.code)
        self.finish(answer.body)
