"""Threads that wait for the rows of queries, apart from those that answer everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

MOST = 256
"""Queries that are waited for at once, most of them for a place; more of them wait for a thread."""
Given = ParamSpec("Given")
Done = TypeVar("Done")


class QueryThreads:
    """Threads of their own: while each of them waits for a slow query, pages are answered as before."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(MOST, thread_name_prefix="query")

    async def run(self, work: Callable[Given, Done], *args: Given.args, **given: Given.kwargs) -> Done:
        """Give what a function gives that waits for a query.

        It goes on where its caller is cancelled: what ends a query is its `Stop`.
        """
        # Half of what the framework's own threads cost, which carry context from one to the other.
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(*args, **given))

    def close(self) -> None:
        """Begin nothing more; what runs goes on to its end."""
        self._threads.shutdown(wait=False, cancel_futures=True)
