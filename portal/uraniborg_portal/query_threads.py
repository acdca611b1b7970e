"""Threads that wait for the rows of queries, apart from those that answer everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

MOST = 256
"""Queries that begin at once, most of which wait for a place, and that run; more of them wait for a thread."""
Given = ParamSpec("Given")
Done = TypeVar("Done")


class QueryThreads:
    """Threads of their own: while each of them waits for a slow query, pages are answered as before."""

    def __init__(self) -> None:
        self._beginning = ThreadPoolExecutor(MOST, thread_name_prefix="query")
        # Who waits for a place waits for these: were they the same, all could be waiting for each other.
        self._running = ThreadPoolExecutor(MOST, thread_name_prefix="query-rows")

    async def run(self, work: Callable[Given, Done], *args: Given.args, **given: Given.kwargs) -> Done:
        """Give what a function gives that waits for a query, also for its place among those that run.

        It goes on where its caller is cancelled: what ends a query is its `Stop`.
        """
        return await _in(self._beginning, lambda: work(*args, **given))

    async def go_on(self, work: Callable[[], Done]) -> Done:
        """Give what a function gives that waits for more of a query that has its place, or gives that back."""
        return await _in(self._running, work)

    def close(self) -> None:
        """Begin nothing more; what runs goes on to its end."""
        for threads in (self._beginning, self._running):
            threads.shutdown(wait=False, cancel_futures=True)


async def _in(threads: ThreadPoolExecutor, work: Callable[[], Done]) -> Done:
    # Half of what the framework's own threads cost, which carry context from one to the other.
    return await asyncio.get_running_loop().run_in_executor(threads, work)
