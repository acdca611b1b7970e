"""One way to make every page: a template, and what all of them show (user, hub, nonce, version)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import bokeh
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from uraniborg_portal.context import ProcessContext
from uraniborg_portal.identity.models import User
from uraniborg_portal.web.modules import ENTRIES, load_order


def first_sentence(text: str) -> str:
    """Give the first sentence of a description."""
    head, stop, _ = text.partition(". ")
    return head + stop.strip()


def environment() -> Environment:
    """Give the templates; everything that they print is escaped, and a name that nothing defines is an error."""
    made = Environment(loader=PackageLoader("uraniborg_portal.web"), autoescape=True, undefined=StrictUndefined)
    made.filters["first_sentence"] = first_sentence
    return made


ENVIRONMENT = environment()


def hub_path(context: ProcessContext | None) -> str | None:
    """Give where browsers find the hub, None where the portal runs alone."""
    return context.sign_in.hub.hub_path if context and context.sign_in else None


def address_of(request: Request) -> str:
    """Give the path and query of the page that was asked for, to come back to after signing in."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def render(
    request: Request, user: User | None, template: str, values: Mapping[str, Any], status: int = 200
) -> HTMLResponse:
    """Give a page that shows `values` by a template.

    In `values`, `module` names a browser module to mount, `state` is what it starts with, and `result` the start of
    the path that a result of it has (`queries/`); `faces` are addresses that other programs read what is shown by.
    """
    context: ProcessContext | None = getattr(request.app.state, "context", None)
    prefix: str = request.app.state.prefix
    hub = hub_path(context)
    module = values.get("module")
    entry = ENTRIES[module] if module else None
    settings = {"prefix": prefix, "hub": hub if user else None, "module": entry}
    settings |= {"state": values.get("state", {}), "result": values.get("result")}
    common = {
        "prefix": prefix, "hub": hub, "user": user, "nonce": getattr(request.state, "nonce", ""), "here": "",
        "address": address_of(request), "version": version("uraniborg"), "bokeh_version": bokeh.__version__,
        "module": module, "modules": load_order(entry) if entry else [], "settings": settings,
        "lead": "", "query": "", "sign_in_first": False, "faces": (),
    }  # fmt: skip
    text = ENVIRONMENT.get_template(template).render({**common, **values})
    return HTMLResponse(text, status_code=status, headers={"Cache-Control": "no-store"})
