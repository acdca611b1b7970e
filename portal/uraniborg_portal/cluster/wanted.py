"""Whether somebody still waits for a task, as its worker sees it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from distributed import Worker

LOOK = 0.1
"""Seconds between two looks whether a task is still wanted."""
WANTED = frozenset({"executing", "long-running"})
"""States of a task, as its worker knows it, in which somebody wants it."""


def wanted(worker: Worker, key: str) -> bool:
    """Whether somebody still waits for a task, as its worker knows: the scheduler tells it within a moment."""
    task = worker.state.tasks.get(key)
    return task is not None and task.state in WANTED


async def while_wanted(doing: asyncio.Task[bytes], still: Callable[[], bool]) -> bytes:
    """Wait for the answer; end the work when nobody waits for it any more, and answer nothing."""
    try:
        while not doing.done():
            await asyncio.wait([doing], timeout=LOOK)
            if not still():
                return b""
        return doing.result()
    finally:
        doing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait([doing])
