"""A pool's numbers, from whatever a scheduler answers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from distributed import Client, Scheduler, Worker
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_hub.pools.errors import Unavailable
from uraniborg_hub.pools.figures import look, read

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
WORKER = st.fixed_dictionaries({}, optional=dict.fromkeys(("name", "nthreads", "memory_limit", "metrics"), JSON))


@pytest.fixture
async def running() -> AsyncIterator[Scheduler]:
    """A scheduler with two workers, as a pool has it."""
    place = {"host": "127.0.0.1", "port": 0, "dashboard_address": "127.0.0.1:0", "http_prefix": "/services/pools/a"}
    async with (
        Scheduler(**place) as scheduler,
        Worker(scheduler.address, name="a-10", nthreads=1, dashboard=False, memory_limit=2**30),
        Worker(scheduler.address, name="a-9", nthreads=1, dashboard=False, memory_limit=2**30),
    ):
        yield scheduler


async def test_a_real_scheduler_is_read(running: Scheduler) -> None:
    base = f"http://127.0.0.1:{running.http_server.port}/services/pools/a"
    async with httpx.AsyncClient(trust_env=False) as http, Client(running.address, asynchronous=True) as client:
        kept = client.map(abs, range(20))
        await client.gather(kept)
        await client.gather([client.submit(int, "x")], errors="skip")
        figures = await look(http, base)
        with pytest.raises(Unavailable):
            await look(http, f"{base}b")
    assert [worker.name for worker in figures.workers] == ["a-9", "a-10"]
    assert all(worker.memory > 0 and worker.limit == 2**30 and worker.threads == 1 for worker in figures.workers)
    assert (figures.done, figures.processing, figures.waiting, figures.desired) == (20, 0, 0, 1)


@given(st.fixed_dictionaries({"workers": st.dictionaries(st.text(max_size=5), WORKER | JSON, max_size=3)}) | JSON)
def test_whatever_a_scheduler_answers_becomes_numbers(identity: object) -> None:
    figures = read(identity, 'dask_scheduler_desired_workers NaN\ndask_scheduler_tasks{state="queued"} 3\n')
    assert (figures.desired, figures.waiting) == (0, 3)
    for worker in figures.workers:
        assert min(worker.memory, worker.limit, worker.cpu, worker.threads, worker.tasks) >= 0
        assert len(worker.name) <= 60
