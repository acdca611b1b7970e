"""Waits until a lab answers, without the pauses of a growing back-off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

INTERVAL = 0.05
"""Seconds between two attempts to connect."""


async def answers(port: int, path: str, alive: Callable[[], bool]) -> bool:
    """Return True as soon as something speaks HTTP at this port, False as soon as `alive` says no.

    Never gives up by itself: the caller sets the time limit. From the moment on when the port is open there is no
    waiting in steps: the request waits in the socket until the server reads it.
    """
    while alive():
        if await _request(port, path):
            return True
        await asyncio.sleep(INTERVAL)
    return False


async def _request(port: int, path: str) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        return (await reader.readline()).startswith(b"HTTP/1.")
    except OSError:
        return False
    finally:
        writer.close()
