"""Waits until a pod's server answers the hub, asking every 50 ms."""

from __future__ import annotations

import asyncio

INTERVAL = 0.05
"""Seconds between two attempts."""
ATTEMPT_SECONDS = 2.0
"""Seconds after which an attempt that hears nothing is given up: a network policy may swallow it."""
SERVER_ERROR = 500


async def answers(host: str, port: int, path: str) -> None:
    """Return as soon as a server answers `GET path` without an error of its own.

    Never gives up: the caller sets the time limit.
    """
    while not await _asked(host, port, path):
        await asyncio.sleep(INTERVAL)


async def _asked(host: str, port: int, path: str) -> bool:
    try:
        async with asyncio.timeout(ATTEMPT_SECONDS):
            return await _request(host, port, path)
    except (OSError, ValueError, TimeoutError):
        return False


async def _request(host: str, port: int, path: str) -> bool:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        words = (await reader.readline()).split()
        return len(words) > 1 and words[0].startswith(b"HTTP/1.") and int(words[1]) < SERVER_ERROR
    finally:
        writer.close()
