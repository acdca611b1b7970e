"""A pool's numbers, from whatever a scheduler answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import dask
import httpx
import pytest
from distributed import Client, Scheduler, Worker
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_hub.pools.errors import Unavailable
from uraniborg_hub.pools.figures import look, read

ROUTES = "distributed.scheduler.http.routes"
LIMIT = 2**40
"""Of a worker's memory, bytes: all that the machine has, as a worker pauses that shares a process near its limit."""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
WORKER = st.fixed_dictionaries({}, optional=dict.fromkeys(("name", "memory", "limit", "cpu", "threads", "tasks"), JSON))
ANSWER = st.fixed_dictionaries({"workers": st.lists(WORKER | JSON, max_size=3), "done": JSON})


@pytest.fixture
async def running() -> AsyncIterator[Scheduler]:
    """A scheduler with two workers, as a pool has it."""
    place = {"host": "127.0.0.1", "port": 0, "dashboard_address": "127.0.0.1:0", "http_prefix": "/services/pools/a"}
    routes = [*dask.config.get(ROUTES), "uraniborg_hub.pools.scheduler_route"]
    async with AsyncExitStack() as stack:
        stack.enter_context(dask.config.set({ROUTES: routes}))
        scheduler = await stack.enter_async_context(Scheduler(**place))
        for name in ("a-10", "a-9"):
            worker = Worker(scheduler.address, name=name, nthreads=1, dashboard=False, memory_limit=LIMIT)
            await stack.enter_async_context(worker)
        yield scheduler


async def test_a_real_scheduler_is_read(running: Scheduler) -> None:
    base = f"http://127.0.0.1:{running.http_server.port}/services/pools/a"
    async with httpx.AsyncClient(trust_env=False) as http, Client(running.address, asynchronous=True) as client:
        kept = client.map(abs, range(20))
        await client.gather(kept)
        failing = client.submit(int, "x")
        await client.gather([failing], errors="skip")
        figures = await look(http, base)
        with pytest.raises(Unavailable):
            await look(http, f"{base}b")
    assert [worker.name for worker in figures.workers] == ["a-9", "a-10"]
    assert all(worker.limit > worker.memory > 0 and worker.threads == 1 for worker in figures.workers)
    assert (figures.done, figures.processing, figures.waiting, figures.failed) == (20, 0, 0, 1)
    assert 1 <= figures.desired <= 2


@given(ANSWER | JSON)
def test_whatever_a_scheduler_answers_becomes_numbers(answer: object) -> None:
    figures = read(answer)
    assert min(figures.desired, figures.done, figures.processing, figures.waiting, figures.failed) >= 0
    for worker in figures.workers:
        assert min(worker.memory, worker.limit, worker.cpu, worker.threads, worker.tasks) >= 0
        assert len(worker.name) <= 60
