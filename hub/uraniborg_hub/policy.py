"""The Content-Security-Policy of the hub's pages.

JupyterHub's own templates hold inline scripts with values of the request in them, so their hashes change. The header
therefore allows scripts of this host, and inline ones only with a nonce; each `<script` of a template's *source* gets
the nonce of the request it is rendered for, so that a script which came in with a value never runs.
`style-src-attr` stays open: JupyterHub's templates hide elements by a `style` attribute. `style-src` is open on the
administrators' page alone, whose script adds style sheets to the page.
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

HEADERS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"}

STYLED = frozenset({"admin.html"})
"""Templates whose scripts add style sheets."""

_SCRIPT = re.compile(r"<script\b")
_TEMPLATE = (
    "default-src 'none'; script-src 'self'{nonce}; style-src 'self'{styles}; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'{hosts}; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def policy(nonce: str = "", *, inline_styles: bool = False, subdomain_host: str = "") -> str:
    """Give the header's value; without a nonce no inline script runs.

    With `subdomain_host` (`https://HOST[:PORT]`) labs and services have hosts of their own: a form's answer may lead
    there, as browsers hold `form-action` against redirects too (CSP 3, section 6.4.1).
    """
    styles = " 'unsafe-inline'" if inline_styles else ""
    scheme, _, host = subdomain_host.partition("://")
    hosts = f" {scheme}://*.{host}" if host else ""
    return _TEMPLATE.format(nonce=f" 'nonce-{nonce}'" if nonce else "", styles=styles, hosts=hosts)


class NonceExtension(Extension):
    """Gives each script tag of a template the nonce of the request, and the response the header that allows it."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals["csp_nonce"] = csp_nonce

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Put the nonce into the template's source."""
        return _SCRIPT.sub('<script nonce="{{ csp_nonce() }}"', source)


@pass_context
def csp_nonce(context: Context) -> str:
    """Give the nonce of the request for which a page is rendered, and allow it in that response's header."""
    # The one value through which JupyterHub hands its templates the request's handler.
    handler: Any = context.resolve("static_url").__self__
    if not hasattr(handler, "csp_nonce"):
        handler.csp_nonce = secrets.token_urlsafe(16)
    styled = context.name in STYLED
    header = policy(handler.csp_nonce, inline_styles=styled, subdomain_host=handler.subdomain_host)
    handler.set_header("Content-Security-Policy", header)
    return str(handler.csp_nonce)
