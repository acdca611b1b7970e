"""Requests of a widget, relayed by the kernel: the token stays here, and only the portal's API can be reached."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

from uraniborg._errors import UraniborgError

if TYPE_CHECKING:
    from uraniborg._portal import Portal

METHODS = frozenset({"GET", "POST"})
ROOT = "api/"
"""The only part of the portal that a widget may ask."""


class Send(Protocol):
    """Sends one message to the front end."""

    def __call__(self, content: Mapping[str, Any], buffers: list[bytes] | None = None) -> None:
        """Send the content and its binary parts."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request of the front end, refused at once where it leaves the portal's API.

    Raises
    ------
    UraniborgError
        The method is neither GET nor POST, or the path is not below `api/`.
    """

    number: int
    method: str
    path: str
    body: bytes | None = None
    media_type: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.path)
        plain = unquote(unquote(parts.path))
        inside = not parts.scheme and not parts.netloc and plain.startswith(ROOT) and "\\" not in plain
        if not inside or {"..", "."} & set(plain.split("/")) or self.method not in METHODS:
            raise UraniborgError(f"A widget may not ask {self.method} {self.path!r}.", code="not_allowed")


def request_of(content: Mapping[str, Any], buffers: list[Any]) -> Request:
    """Give the request that a message of the front end holds."""
    number, method, path = int(content["id"]), str(content.get("method", "GET")), str(content["path"])
    if buffers:
        return Request(
            number=number, method=method, path=path, body=bytes(buffers[0]), media_type="application/octet-stream"
        )
    if content.get("json") is not None:
        body = json.dumps(content["json"]).encode()
        return Request(number=number, method=method, path=path, body=body, media_type="application/json")
    return Request(number=number, method=method, path=path)


class Relay:
    """Answers a widget's requests in threads of their own, so that the kernel stays free.

    A failure of any kind reaches the widget as the portal's JSON form of an error.
    """

    def __init__(self, portal: Portal, send: Send) -> None:
        self._portal = portal
        self._send = send
        self._streams: dict[int, Event] = {}

    def request(self, content: Mapping[str, Any], buffers: list[Any]) -> None:
        """Relay one request; the answer is a message `response` with status, media type and the body as a buffer."""
        self._start(self._answer, content, buffers)

    def events(self, content: Mapping[str, Any], buffers: list[Any]) -> None:
        """Follow a stream of events; each is a message `event`, the end is `closed`."""
        self._streams[int(content["id"])] = Event()
        self._start(self._follow, content, buffers)

    def close(self, content: Mapping[str, Any], buffers: list[Any]) -> None:
        """Stop passing on the events of one stream."""
        stopped = self._streams.pop(int(content["id"]), None)
        if stopped:
            stopped.set()

    def _start(self, work: Callable[[Request], None], content: Mapping[str, Any], buffers: list[Any]) -> None:
        Thread(target=self._words, args=(work, content, buffers), daemon=True).start()

    def _words(self, work: Callable[[Request], None], content: Mapping[str, Any], buffers: list[Any]) -> None:
        try:
            work(request_of(content, buffers))
        except UraniborgError as error:
            self._send(*response(int(content["id"]), error))

    def _answer(self, request: Request) -> None:
        reply = self._portal.relay(request.method, request.path, request.body, request.media_type)
        head = {"kind": "response", "id": request.number, "status": reply.status, "type": reply.media_type}
        self._send(head, [reply.body])

    def _follow(self, request: Request) -> None:
        stopped = self._streams[request.number]
        for event in self._portal.events(request.path):
            if stopped.is_set():
                return
            self._send({"kind": "event", "id": request.number, "event": event.kind, "data": event.data})
        self._send({"kind": "closed", "id": request.number})


STATUS = {"not_allowed": 403, "took_too_long": 504, "unavailable": 503}


def response(number: int, error: UraniborgError) -> tuple[dict[str, object], list[bytes]]:
    """Give the message that tells the front end of an error, in the portal's own form."""
    words = {"error": error.code, "message": error.message, "remedy": error.remedy, "field": error.field}
    head: dict[str, object] = {"kind": "response", "id": number, "status": STATUS.get(error.code, 500)}
    return head | {"type": "application/json"}, [json.dumps(words).encode()]
