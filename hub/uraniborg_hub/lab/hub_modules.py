"""Modules of JupyterHub that only the hub uses: a lab's server starts without them, a quarter faster."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

from tornado.web import RequestHandler

LAZY = "jupyterhub.orm"
"""The hub's database, with SQLAlchemy's ORM and Alembic. `jupyterhub.scopes`, of which a lab needs one function, names
it and a lab never uses it; if something does, it is loaded then."""


class HealthCheckHandler(RequestHandler):
    """Stands for the hub's health page: JupyterHub's log asks of each request whether it went there.

    The real one comes with all pages of the hub, and these with its database.
    """


class OnFirstUse(MetaPathFinder):
    """Lets that module load when the first of its names is used."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find it as always, but to be loaded later; say nothing about others."""
        spec = PathFinder.find_spec(fullname, path, target) if fullname == LAZY else None
        if spec and spec.loader:
            spec.loader = LazyLoader(spec.loader)
        return spec


def leave_out_hub_modules() -> None:
    """Make this process start without them; before anything imports JupyterHub."""
    sys.meta_path.insert(0, OnFirstUse())
    pages = ModuleType("jupyterhub.handlers.pages")
    handlers = ModuleType("jupyterhub.handlers")
    handlers.__path__ = []
    vars(pages)["HealthCheckHandler"] = HealthCheckHandler
    sys.modules |= {module.__name__: module for module in (handlers, pages)}
