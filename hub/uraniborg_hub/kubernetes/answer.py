"""Waits until a pod's server answers the hub, asking every 50 ms, and tells one that starts from one out of reach."""

from __future__ import annotations

import asyncio
from enum import Enum, auto

INTERVAL = 0.05
"""Seconds between two attempts."""
ATTEMPT_SECONDS = 2.0
"""Seconds after which an attempt that hears nothing is given up: a network policy may swallow it."""
SERVER_ERROR = 500


class Heard(Enum):
    """What came of one attempt."""

    ANSWER = auto()
    """The server answered, without an error of its own."""
    REFUSAL = auto()
    """The pod's address refused the connection: the pod is there, and nobody listens yet."""
    NOTHING = auto()
    """No answer (a network policy, no route), or one that no lab gives."""


class NoAnswer(Exception):
    """The server did not answer, and its address does not say that it is still starting."""


async def answers(host: str, port: int, path: str, seconds: float) -> None:
    """Return as soon as a server answers `GET path` without an error of its own.

    As long as its address refuses the connection it is starting: this never gives up then, the caller sets the limit.

    Raises
    ------
    NoAnswer
        For `seconds` there was neither an answer nor a refusal.
    """
    loop, since = asyncio.get_running_loop(), None
    while True:
        asked = loop.time()
        heard = await _asked(host, port, path)
        if heard is Heard.ANSWER:
            return
        since = missed_since(heard, asked, since)
        if since is not None and loop.time() - since >= seconds:
            raise NoAnswer
        await asyncio.sleep(INTERVAL)


def missed_since(heard: Heard, asked: float, before: float | None) -> float | None:
    """Give when a server that should answer was first missed; None: none should yet.

    `asked` is when this attempt began, `before` what the attempt before it gave.
    """
    if heard is not Heard.NOTHING:
        return None
    return asked if before is None else before


async def _asked(host: str, port: int, path: str) -> Heard:
    try:
        async with asyncio.timeout(ATTEMPT_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            return await _request(reader, writer, f"GET {path} HTTP/1.1\r\nHost: {host}:{port}")
    except ConnectionRefusedError:
        return Heard.REFUSAL
    except (OSError, ValueError, TimeoutError):
        return Heard.NOTHING


async def _request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> Heard:
    try:
        writer.write(f"{head}\r\nConnection: close\r\n\r\n".encode())
        words = (await reader.readline()).split()
        served = len(words) > 1 and words[0].startswith(b"HTTP/1.") and int(words[1]) < SERVER_ERROR
        return Heard.ANSWER if served else Heard.NOTHING
    finally:
        writer.close()
