"""A real scheduler, asked over its HTTP API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import dask
import httpx
import pytest
from distributed import Client, Worker
from distributed import Scheduler as DaskScheduler

from uraniborg_hub.pools.dask_cluster.pod_spec import ROUTES
from uraniborg_hub.pools.dask_cluster.scheduler import Scheduler

PREFIX = "/services/pools/tycho-abcdefgh"


@pytest.fixture
async def running() -> AsyncIterator[DaskScheduler]:
    """A scheduler with two workers."""
    place = {"host": "127.0.0.1", "port": 0, "dashboard_address": "127.0.0.1:0", "http_prefix": PREFIX}
    with dask.config.set({"distributed.scheduler.http.routes": list(ROUTES)}):
        async with (
            DaskScheduler(**place) as scheduler,
            Worker(scheduler.address, name="a", nthreads=1, dashboard=False),
            Worker(scheduler.address, name="b", nthreads=1, dashboard=False),
        ):
            yield scheduler


async def test_workers_are_named_and_leave_without_loss(running: DaskScheduler) -> None:
    async with httpx.AsyncClient(trust_env=False) as http, Client(running.address, asynchronous=True) as client:
        scheduler = Scheduler(http, f"http://127.0.0.1:{running.http_server.port}", PREFIX)
        assert await scheduler.workers() == {"a", "b"}
        kept = await client.scatter(list(range(20)))
        [gone] = await scheduler.retire(1)
        assert await scheduler.workers() == {"a", "b"} - {gone}
        assert await client.gather(kept) == list(range(20))
        assert await scheduler.idle_since() is not None
        assert await scheduler.desired() == 1


@pytest.mark.parametrize("prefix", ["", "/services/pools/other"])
async def test_what_is_no_scheduler_of_this_pool_is_an_error(running: DaskScheduler, prefix: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(httpx.HTTPError):
            await Scheduler(http, f"http://127.0.0.1:{running.http_server.port}", prefix).workers()
