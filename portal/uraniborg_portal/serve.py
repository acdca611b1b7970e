"""Listens and answers until it is told to stop."""

from __future__ import annotations

import asyncio
import math
import os
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

from uraniborg_portal import database
from uraniborg_portal.errors import Conflict
from uraniborg_portal.identity.models import HubService
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Settings


class HandingOver(uvicorn.Server):
    """Hands its jobs over as soon as it is told to stop, while requests that are being answered still go on."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self.app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, end what is being answered, and the application."""
        handing_over = asyncio.create_task(self.app.state.context.jobs.hand_over())
        await super().shutdown(sockets)
        await handing_over


def address(settings: Settings, hub: HubService | None) -> tuple[str, int]:
    """Give where to listen: where the hub says, otherwise what the settings say; pure."""
    if hub and hub.service_url:
        url = urlsplit(hub.service_url)
        return url.hostname or settings.host, url.port or 80
    return settings.host, settings.port


def listen(host: str, port: int) -> socket.socket:
    """Give a listening socket.

    Raises
    ------
    Conflict
        The address is taken or not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, or asyncio takes it for no TCP and leaves Nagle's algorithm on: an answer of two writes waits 40 ms for the
    # acknowledgement of its first, on every connection that is kept.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(2048)
    except OSError as error:
        sock.close()
        raise Conflict(
            f"The portal can't listen on {host} port {port}: {error.strerror}.",
            "Stop what holds it, or choose another with --port or URANIBORG_PORT.",
        ) from error
    return sock


def serve(settings: Settings, hub: HubService | None, announce: Callable[[str], None] | None = None) -> None:
    """Answer requests until SIGTERM or Ctrl-C; `announce` gets the URL once it listens.

    Raises
    ------
    PortalError
        The address is taken, or the state folder can't be used.
    """
    host, port = address(settings, hub)
    # The application does the same at its start, where a refusal would be a traceback in the log.
    database.check_state(settings)
    database.open_database(settings).dispose()
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/services/portal/") if hub else "/services/portal/"
    app = create_app(settings, prefix, hub)
    sock = listen(host, port)
    if announce:
        announce(f"http://{host}:{sock.getsockname()[1]}{app.state.prefix}")
    answer(app, settings, sock)


def answer(app: FastAPI, settings: Settings, sock: socket.socket) -> None:
    """Answer requests on a listening socket until SIGTERM or Ctrl-C."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        timeout_graceful_shutdown=math.ceil(settings.stop_seconds),
        server_header=False,  # TAP answers name the service itself
        # The proxy sends requests on connections that it keeps for ever: one that we end just then is a 503 in a
        # page, of a script that no browser asks for twice. An hour, as Tornado's servers (the hub, labs) wait.
        timeout_keep_alive=3600,
    )
    HandingOver(config, app).run(sockets=[sock])
