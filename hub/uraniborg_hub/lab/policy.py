"""The Content-Security-Policy of a lab's pages, as an extension of its server (`jupyter_server_config.json`)."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from jupyter_server.serverapp import ServerApp
from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import OutputTransform

HEADER = "Content-Security-Policy"

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def lab_policy(hashes: tuple[str, ...], web_socket: str) -> str:
    """Give JupyterLab's policy: this host, `eval` (its plugins need it), blobs (widgets) and its inline scripts."""
    scripts = " ".join(["'self'", "'unsafe-eval'", "blob:", *(f"'sha256-{each}'" for each in hashes)])
    return _policy(scripts, web_socket)


def voila_policy(web_socket: str) -> str:
    """Give Voila's policy: this host only; Voila writes one inline script per cell and needs no `eval`."""
    return _policy("'self' 'unsafe-inline' blob:", web_socket)


def script_hashes(html: str) -> tuple[str, ...]:
    """Give the base64 SHA-256 of each inline script without attributes, in order, as a policy names them."""
    return tuple(base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in _INLINE.findall(html))


def chooser(prefix: str, lab: str, voila: str) -> Callable[[str], str | None]:
    """Give a function from a request's path to its page's policy; None leaves what the server chose.

    Files that the user opens keep the server's own sandbox, which is stricter.
    """
    table = {f"{prefix}lab": lab, f"{prefix}doc": lab, f"{prefix}voila": voila}

    def choose(path: str) -> str | None:
        return next((value for start, value in table.items() if path == start or path.startswith(f"{start}/")), None)

    return choose


def _policy(scripts: str, web_socket: str) -> str:
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        f"font-src 'self' data:; connect-src 'self'{web_socket and ' ' + web_socket}; worker-src 'self' blob:; "
        "frame-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    )


def _web_socket() -> str:
    """Give the address of the kernels' web sockets: not every browser counts it as `self`."""
    parts = urlsplit(os.environ.get("JUPYTERHUB_PUBLIC_URL", ""))
    return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}" if parts.netloc else ""


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """Put the policy on every page of this server."""
    page = Path(str(files("jupyterlab"))) / "static" / "index.html"
    socket = _web_socket()
    choose = chooser(server.base_url, lab_policy(script_hashes(page.read_text()), socket), voila_policy(socket))

    class Policy(OutputTransform):
        def __init__(self, request: HTTPServerRequest) -> None:
            self.policy = choose(request.path)

        def transform_first_chunk(
            self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
        ) -> tuple[int, HTTPHeaders, bytes]:
            if self.policy is not None and headers.get("Content-Type", "").startswith("text/html"):
                headers[HEADER] = self.policy
            return status_code, headers, chunk

    server.web_app.add_transform(Policy)
