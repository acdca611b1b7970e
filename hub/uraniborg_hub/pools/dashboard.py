"""A pool's dashboard for its owner's browser: read only, and no credential passes to it or from it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

import httpx
from fastapi import APIRouter, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import RedirectResponse, Response, StreamingResponse
from starlette.background import BackgroundTask
from starlette.types import Scope
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from uraniborg_hub.pools.context import Context, context
from uraniborg_hub.pools.errors import NotFound, PoolError, Unavailable
from uraniborg_hub.pools.identity import same_origin
from uraniborg_hub.pools.models import Access
from uraniborg_hub.pools.routes import owned

router = APIRouter()

HOP_BY_HOP = frozenset({"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})
"""Headers between two neighbours only (RFC 9110 section 7.6.1)."""
NOT_IN = HOP_BY_HOP | {
    "host",
    "cookie",
    "authorization",
    "proxy-authorization",
    "origin",
    "referer",
    "forwarded",
    "content-length",
}
NOT_OUT = HOP_BY_HOP | {"set-cookie", "proxy-authenticate", "content-security-policy", "server", "date"}
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Bokeh's pages have scripts of their own inside; no other host is asked for anything."""
LARGEST_MESSAGE = 64 * 2**20
SHUT = frozenset({"api", "proxy", "jupyter"})
"""First parts of paths that a scheduler may answer and a dashboard has not: its API, and ways to other addresses."""


def is_page(path: str) -> bool:
    """Whether a path, below a pool's own, is one of the dashboard's."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return ".." not in parts and parts[:1] != [] and parts[0].lower() not in SHUT


def wanted(scope: Scope) -> str:
    """Give path and query as they came, byte for byte."""
    path: bytes = scope["raw_path"].partition(b"?")[0]
    query: bytes = scope["query_string"]
    return (path + (b"?" + query if query else b"")).decode("latin-1")


def kept(headers: Iterable[tuple[str, str]], dropped: frozenset[str]) -> list[tuple[str, str]]:
    """Give the headers that pass on; whatever `Connection` names is hop by hop too."""
    pairs = [(name.lower(), value) for name, value in headers]
    named = {word.strip().lower() for name, value in pairs if name == "connection" for word in value.split(",")}
    out = dropped | named
    return [(name, value) for name, value in pairs if name not in out and not name.startswith("x-forwarded-")]


async def reachable(connection: Request | WebSocket, name: str, parts: Context) -> Access:
    """Give where the dashboard of the asker's own pool answers."""
    asker = await parts.identity.asker(connection)
    pool = owned(parts, asker, name, admins=False)
    if pool.access is None:
        raise Unavailable(f"The pool {name} is {pool.state}. {pool.reason}".strip(), "Look again in a moment.")
    return pool.access


@router.get("/{name}")
async def entrance(request: Request, name: str) -> Response:
    """Lead to the first page of a dashboard. For the pool's owner."""
    parts = context(request)
    await reachable(request, name, parts)
    return RedirectResponse(f"{parts.service.pool_path(name)}/status", 307)


@router.api_route("/{name}/{path:path}", methods=["GET", "HEAD"])
async def page(request: Request, name: str, path: str) -> Response:
    """Show a page or file of the dashboard; nothing can be changed through here. For the pool's owner."""
    parts = context(request)
    access = await reachable(request, name, parts)
    if not is_page(path):
        raise NotFound("The dashboard has no such page.", f"Open {parts.service.dashboard(name)}.")
    url = httpx.URL(access.dashboard).copy_with(raw_path=wanted(request.scope).encode("latin-1"))
    order = parts.client.build_request(request.method, url, headers=kept(request.headers.items(), NOT_IN))
    try:
        answer = await parts.client.send(order, stream=True)
    except httpx.HTTPError as error:
        raise Unavailable(f"The dashboard of {name} does not answer.", "Look again in a moment.") from error
    if answer.is_redirect and not answer.headers.get("location", "").startswith((".", f"{parts.service.prefix}{name}")):
        await answer.aclose()
        raise NotFound("The dashboard has no such page.", f"Open {parts.service.dashboard(name)}.")
    response = StreamingResponse(answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose))
    passed = kept(answer.headers.multi_items(), NOT_OUT)
    response.raw_headers = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in passed]
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@router.websocket("/{name}/{path:path}")
async def socket(websocket: WebSocket, name: str, path: str) -> None:
    """Join the page's web socket with the dashboard's. For the pool's owner, from a page of this platform."""
    parts = context(websocket)
    try:
        access = await reachable(websocket, name, parts)
    except PoolError:
        await websocket.close(code=1008)
        return
    ours = same_origin(websocket, parts.service) or "authorization" in websocket.headers
    if not ours or not is_page(path):
        await websocket.close(code=1008)
        return
    url = f"ws{access.dashboard.removeprefix('http')}{wanted(websocket.scope)}"
    protocols = [Subprotocol(text) for text in websocket.scope.get("subprotocols", ())]
    try:
        async with connect(url, subprotocols=protocols or None, proxy=None, max_size=LARGEST_MESSAGE) as far:
            await websocket.accept(subprotocol=far.subprotocol)
            await join(websocket, far)
    except (OSError, WebSocketException):
        with contextlib.suppress(RuntimeError):
            await websocket.close(code=1011)


async def join(near: WebSocket, far: ClientConnection) -> None:
    """Pass messages both ways until either end goes."""
    ways = (asyncio.create_task(_to_dashboard(near, far)), asyncio.create_task(_to_browser(near, far)))
    _, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for way in left:
        way.cancel()
    await asyncio.gather(*ways, return_exceptions=True)
    with contextlib.suppress(RuntimeError):
        await near.close()


async def _to_dashboard(near: WebSocket, far: ClientConnection) -> None:
    while (message := await near.receive())["type"] == "websocket.receive":
        text = message.get("text")
        await far.send(text if text is not None else message["bytes"])


async def _to_browser(near: WebSocket, far: ClientConnection) -> None:
    with contextlib.suppress(ConnectionClosed, WebSocketDisconnect):
        async for message in far:
            await (near.send_text(message) if isinstance(message, str) else near.send_bytes(message))
