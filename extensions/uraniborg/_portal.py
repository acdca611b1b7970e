"""The only file that speaks HTTP with the portal."""

from __future__ import annotations

import json
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote, urlsplit

import httpx

from uraniborg._errors import UraniborgError
from uraniborg._version import __version__

SERVICE = "/services/portal/"
"""Where a hub mounts the portal."""
Json: TypeAlias = Any
"""What JSON holds: the portal's documents say which keys."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SECONDS = 120.0
"""Longest silence of the portal within one request; its own limit of a query is shorter."""


FINAL = frozenset({"done", "failed", "cancelled"})
"""States that a job never leaves."""
QUIET_SECONDS = 45.0
"""A stream of events that says nothing for so long, not even the portal's ping of every 15 s, is dead: a proxy may keep
it open when the portal behind it was killed."""
RECONNECTS = 20
"""How often in a row a broken connection is made anew: for a minute and a half."""
PASSING = frozenset({"unavailable", "bad_gateway", "internal"})
"""Codes of answers to somebody who comes back that may be over soon."""


class Event(NamedTuple):
    """One server-sent event of a job."""

    kind: str
    """`state`, `progress` or `log`."""
    data: dict[str, Any]

    @property
    def final(self) -> bool:
        """Whether nothing follows."""
        return self.kind == "state" and self.data.get("state") in FINAL


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the portal answered, whatever the status."""

    status: int
    media_type: str
    body: bytes


def base_of(url: str) -> str:
    """Give the portal's address for what a user types: a host, the hub's page, or the portal itself.

    Raises
    ------
    UraniborgError
        The text is not an http or https address.
    """
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UraniborgError(
            f"{url!r} is not the address of a platform; it looks like https://astro.example.org/ .",
            code="bad_parameter",
            field="url",
        )
    prefix = parts.path.partition(SERVICE.rstrip("/"))[0].partition("/hub")[0].rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{prefix}{SERVICE}"


class Portal:
    """A portal at one address, asked with one token (or anonymously).

    Paths are relative to the portal (`api/catalogs`). Every method raises `UraniborgError` with the portal's words.
    Safe to use from several threads.

    Attributes
    ----------
    url
        Where it is asked.
    pages
        Where a browser finds its pages: the same, but in a lab of a cluster, which asks it from inside.
    """

    def __init__(self, url: str, token: str | None = None, pages: str | None = None) -> None:
        self.url = base_of(url)
        self.pages = base_of(pages) if pages else self.url
        self.signed = bool(token)
        headers = {"User-Agent": f"uraniborg/{__version__}"} | ({"Authorization": f"Bearer {token}"} if token else {})
        loopback = urlsplit(self.url).hostname in LOOPBACK
        self._client = httpx.Client(base_url=self.url, headers=headers, timeout=SECONDS, trust_env=not loopback)
        weakref.finalize(self, self._client.close)

    def __repr__(self) -> str:
        """Give the address, never the token."""
        return f"<Portal {self.url} {'signed in' if self.signed else 'anonymous'}>"

    def relay(
        self, method: str, path: str, body: bytes | None = None, media_type: str = "", seconds: float = SECONDS
    ) -> Reply:
        """Give the portal's answer as it is, errors included; `seconds` of silence end it."""
        headers = {"Content-Type": media_type} if body is not None else {}
        with self._words():
            answer = self._client.request(method, path, content=body, headers=headers, timeout=seconds)
        return Reply(status=answer.status_code, media_type=answer.headers.get("content-type", ""), body=answer.content)

    def get(self, path: str, **parameters: str | float | bool) -> Json:
        """Give the JSON at a path."""
        query = httpx.QueryParams(parameters)
        return json.loads(self.content(f"{path}?{query}" if parameters else path))

    def post(self, path: str, content: Mapping[str, object], *, seconds: float = SECONDS) -> Json:
        """Post JSON and give the JSON of the answer."""
        body = json.dumps(content).encode()
        return json.loads(_checked(self.relay("POST", path, body, "application/json", seconds)))

    def send(self, path: str, content: bytes) -> Json:
        """Post bytes and give the JSON of the answer."""
        return json.loads(_checked(self.relay("POST", path, content, "application/octet-stream")))

    def content(self, path: str) -> bytes:
        """Give the bytes at a path."""
        return _checked(self.relay("GET", path))

    @contextmanager
    def stream(self, path: str) -> Iterator[tuple[int | None, Iterator[bytes]]]:
        """Open a path for reading piece by piece; gives its length (None where it isn't told) and the pieces."""
        with self._words(), self._client.stream("GET", path) as answer:
            if not answer.is_success:
                _checked(Reply(status=answer.status_code, media_type="", body=answer.read()))
            length = answer.headers.get("content-length")
            yield int(length) if length else None, answer.iter_bytes()

    def events(self, path: str) -> Iterator[Event]:
        """Follow a job's events from its start to its final state (server push, no polling).

        Where the connection breaks (what answered it was stopped) or falls silent, it is made anew, and no event is
        lost or repeated.
        """
        last, tries = "", 0
        with self._words():
            while True:
                try:
                    for number, event in self._events_after(path, last):
                        last, tries = number, 0
                        yield event
                        if event.final:
                            return
                except (httpx.TransportError, UraniborgError) as error:
                    passing = isinstance(error, httpx.TransportError) or error.code in PASSING
                    if not (last and passing and tries < RECONNECTS):
                        raise
                if tries >= RECONNECTS:
                    raise UraniborgError("The portal ends every connection before the job ends.", "Try again later.")
                time.sleep(min(tries, 5))
                tries += 1

    def _events_after(self, path: str, last: str) -> Iterator[tuple[str, Event]]:
        """Give the events after the one of this number, over one connection."""
        from httpx_sse import connect_sse

        headers = {"Last-Event-ID": last} if last else {}
        with connect_sse(self._client, "GET", path, timeout=QUIET_SECONDS, headers=headers) as source:
            if not source.response.is_success:
                _checked(Reply(status=source.response.status_code, media_type="", body=source.response.read()))
            for event in source.iter_sse():
                if event.data:
                    yield event.id, Event(event.event, json.loads(event.data))

    @contextmanager
    def _words(self) -> Iterator[None]:
        """Turn a failure of the connection into words."""
        try:
            yield
        except httpx.TimeoutException:
            raise UraniborgError(
                f"{self.url} did not answer in time.", "Try again, or ask for fewer rows.", code="took_too_long"
            ) from None
        except httpx.TransportError as error:
            raise UraniborgError(
                f"No portal answers at {self.url} ({error}).",
                "Start the platform with `uraniborg up`, or name another one: uraniborg.connect(url, token=...).",
                code="unavailable",
            ) from None


def segment(name: str) -> str:
    """Give a name as one piece of a path, whatever characters it has."""
    return quote(name, safe="")


def _checked(reply: Reply) -> bytes:
    """Give the body of a good answer; raise what a bad one says."""
    if reply.status < 300:
        return reply.body
    if reply.status < 400:
        raise UraniborgError(
            "The platform wants a signed-in user here.",
            "Give a token: uraniborg.connect(url, token=...).",
            code="sign_in_needed",
        )
    try:
        content: object = json.loads(reply.body)
    except ValueError:
        content = None
    raise UraniborgError.from_json(reply.status, content)
