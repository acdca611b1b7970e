"""Voila, loaded when a dashboard is first asked for: at each start of a lab it would cost up to 0.8 s.

An extension of the lab's server (`jupyter_server_config.json`), in place of `voila.server_extension`.
"""

from __future__ import annotations

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.serverapp import ServerApp
from tornado.routing import Rule
from tornado.web import authenticated

VOILA = "voila.server_extension"


class FirstVisit(JupyterHandler):
    """`GET /voila/…`, for the lab's user: loads Voila, and sends the browser to the same address once more."""

    def initialize(self, server: ServerApp) -> None:
        """Take the server that Voila is loaded into."""
        self.server = server

    @authenticated
    def get(self) -> None:
        """Load Voila, whose own routes then answer."""
        rules = self.server.web_app.default_router.rules
        rules[:] = [rule for rule in rules if not _is_ours(rule)]
        manager = self.server.extension_manager
        manager.add_extension(VOILA, enabled=True)
        manager.link_extension(VOILA)
        manager.load_extension(VOILA)
        self.redirect(self.request.uri or self.server.base_url)


def _is_ours(rule: Rule) -> bool:
    return any(inner.target is FirstVisit for inner in getattr(rule.target, "rules", []))


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """Answer for Voila until it is there."""
    server.web_app.add_handlers(".*$", [(rf"{server.base_url}voila(?:/.*)?", FirstVisit, {"server": server})])
