"""Widgets for notebooks: the catalog browser and the instruments' forms, the same as the portal's pages."""

from __future__ import annotations

from uraniborg.widgets._browse import Browser, browse
from uraniborg.widgets._form import Form
from uraniborg.widgets._view import View

__all__ = ["Browser", "Form", "View", "browse"]
