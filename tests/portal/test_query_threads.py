"""Queries are waited for apart: however many, what else needs a thread has one."""

from __future__ import annotations

import asyncio
import threading

import pytest
from fastapi.concurrency import run_in_threadpool

from uraniborg_portal.errors import TookTooLong
from uraniborg_portal.query_threads import MOST, QueryThreads

WAITING = 100
"""More queries than the framework has threads, which are 40."""


def test_a_page_is_answered_while_a_hundred_queries_wait() -> None:
    async def answered() -> list[int]:
        threads, ended, begun = QueryThreads(), threading.Event(), threading.Barrier(WAITING + 1)

        def query(number: int) -> int:
            begun.wait(30)
            ended.wait(30)
            return number

        queries = [asyncio.create_task(threads.run(query, number)) for number in range(WAITING)]
        await asyncio.to_thread(begun.wait, 30)
        assert await run_in_threadpool(lambda: "a page") == "a page"
        ended.set()
        found = await asyncio.gather(*queries)
        threads.close()
        return found

    assert asyncio.run(answered()) == list(range(WAITING))


def test_a_query_goes_on_while_as_many_wait_for_its_place_as_may() -> None:
    async def answered() -> None:
        threads, ended, begun = QueryThreads(), threading.Event(), threading.Semaphore(0)

        def waits_for_a_place() -> None:
            begun.release()
            ended.wait(30)

        waiting = [asyncio.create_task(threads.run(waits_for_a_place)) for _ in range(MOST + 10)]
        for _ in range(MOST):
            await asyncio.to_thread(begun.acquire)
        await threads.go_on(ended.set)
        await asyncio.gather(*waiting)
        threads.close()

    asyncio.run(answered())


def test_what_a_query_raises_is_raised() -> None:
    def query(*, seconds: float) -> None:
        raise TookTooLong(f"The query was stopped after {seconds:g} s.", "Ask for less.")

    async def asked() -> None:
        threads = QueryThreads()
        try:
            await threads.run(query, seconds=2)
        finally:
            threads.close()

    with pytest.raises(TookTooLong, match="after 2 s"):
        asyncio.run(asked())
