"""Widgets for notebooks: catalog browser, one's own queries and instruments' forms, the same as the portal's pages."""

from __future__ import annotations

from uraniborg.widgets._browse import Browser, browse
from uraniborg.widgets._form import Form
from uraniborg.widgets._own_queries import OwnQueries, queries
from uraniborg.widgets._view import View

__all__ = ["Browser", "Form", "OwnQueries", "View", "browse", "queries"]
