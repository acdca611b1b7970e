"""What wraps every request: a nonce, the security headers of every answer, and no traceback ever."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from uraniborg_portal.errors import PortalError, TooLarge, Unexpected

LOG = logging.getLogger(__name__)

SAMP_HUB = "http://127.0.0.1:21012"
"""The local SAMP Web Profile hub (SAMP 1.3, section 5.2); only the page that sends by SAMP may reach it."""


def content_security_policy(nonce: str, hips_hosts: tuple[str, ...] = (), *, samp: bool = False) -> str:
    """Give the policy of a page: this origin only, scripts and styles of ours or with the nonce; pure."""
    hosts = "".join(f" {host}" for host in hips_hosts)
    local = f" {SAMP_HUB}" if samp else ""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            f"img-src 'self' data:{hosts}",
            f"connect-src 'self'{hosts}{local}",
            "font-src 'self'",
            "manifest-src 'self'",
            "frame-ancestors 'self'",
            "form-action 'self'",
            "base-uri 'none'",
        )
    )


class SecurityHeaders:
    """Sets the headers of every answer; a page may set its own Content-Security-Policy before."""

    def __init__(self, app: ASGIApp, *, hips_hosts: tuple[str, ...] = ()) -> None:
        self.app = app
        self.hips_hosts = hips_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; templates find the nonce as `request.state.nonce`."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", content_security_policy(nonce, self.hips_hosts))
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class BodyLimit:
    """Refuses bodies larger than the limit: announced ones at once, others as soon as they pass it."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        most_bytes: int,
        answer: Callable[[Request, PortalError], Awaitable[Response]],
        larger: Mapping[str, int] | None = None,
    ) -> None:
        self.app = app
        self.most_bytes = most_bytes
        self.larger = larger or {}
        """Limits of paths that begin like this: their bodies are not held in memory."""
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        announced = dict(scope.get("headers", ())).get(b"content-length", b"")
        path = scope.get("path", "")
        most = next((size for start, size in self.larger.items() if path.startswith(start)), self.most_bytes)
        if announced.isdigit() and int(announced[:20]) > most:
            response = await self.answer(Request(scope), refusal(most))
            await response(scope, receive, send)
            return
        seen = 0

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise refusal(most)
            return message

        await self.app(scope, counting, send)


def refusal(most: int) -> TooLarge:
    """Give the refusal of a body of more than so many bytes."""
    return TooLarge(f"The request is larger than the {most / 1e6:g} MB that this portal accepts.", "Send less at once.")


class NoTraceback:
    """Answers an unexpected exception with an id, and logs its traceback under that id.

    An answer that has begun is left without its end, which no client takes for a whole one: the server cuts it off.
    """

    def __init__(self, app: ASGIApp, *, answer: Callable[[Request, PortalError], Awaitable[Response]]) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except ClientDisconnect:
            LOG.info("the client of %s %s went away", scope.get("method"), scope.get("path"))
        except Exception as error:
            # Starlette wraps what a handler would have answered, were it not too late.
            expected = error if isinstance(error, PortalError) else error.__cause__
            if started and isinstance(expected, PortalError):
                LOG.warning("%s %s ended early: %s", scope.get("method"), scope.get("path"), expected.message)
                return
            identifier = secrets.token_hex(4)
            LOG.exception("unexpected exception %s in %s %s", identifier, scope.get("method"), scope.get("path"))
            if scope["type"] != "http":
                raise
            if not started:
                response = await self.answer(Request(scope), Unexpected(identifier))
                await response(scope, receive, send)
