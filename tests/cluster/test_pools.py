"""Pools on a real cluster, by the broker's back end itself and a real operator.

This process must reach pods and services of the cluster by their addresses, from `URANIBORG_TEST_HOST`.
"""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import pytest
from deployed.pools import SETTINGS, Lab, broker, kubectl, objects, operator, order, reached

from uraniborg_hub.pools.adapting import follow
from uraniborg_hub.pools.dask_cluster import certificates
from uraniborg_hub.pools.dask_cluster.backend import DaskClusterBackend
from uraniborg_hub.pools.errors import PoolFailed
from uraniborg_hub.pools.models import Bounds, Credentials, PoolSpec

if TYPE_CHECKING:
    from deployed.figures import Figures

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

CHOSEN = "dask.org/cluster-name"


@pytest.fixture(scope="module")
def running_operator(pools_namespace: str) -> Iterator[subprocess.Popen[str]]:
    with operator() as process:
        yield process


@pytest.mark.usefixtures("running_operator")
async def test_a_pool_computes_over_mutual_tls_scales_without_loss_and_leaves_nothing(lab: Lab) -> None:
    spec = order(4)
    async with broker() as backend:
        pool = await backend.start(spec)
        access = await pool.access()
        await lab.connect(access)
        await lab.ask("first")
        await reached(pool, 4)
        variables = await lab.ask("environment")
        assert variables["SITE"] == "hven" and "JUPYTERHUB_API_TOKEN" not in variables
        await lab.ask("keep", n=40)
        whole = await lab.ask("kept")
        await pool.scale(8)
        await reached(pool, 8)
        await pool.scale(2)
        await reached(pool, 2)
        assert await lab.ask("kept") == whole
        assert len(await lab.ask("names")) == 2
        await pool.stop()
        assert objects(spec.name) == []


@dataclass
class Held:
    """What has a specification, as the broker's own pools have."""

    spec: PoolSpec


@pytest.mark.usefixtures("running_operator")
async def test_a_pool_follows_its_load_and_loses_no_result(lab: Lab, figures: Figures) -> None:
    held = Held(replace(order(0), adapt=Bounds(minimum=0, maximum=4)))
    async with broker() as backend:
        pool = await backend.start(held.spec)
        following = asyncio.create_task(follow(held, pool))
        await lab.connect(await pool.access())
        began = time.monotonic()
        await lab.ask("burden", n=120)
        await reached(pool, 4)
        figures.say("seconds from 0 to 4 workers under load", time.monotonic() - began)
        assert await lab.ask("burdened") == list(range(120))
        began = time.monotonic()
        await reached(pool, 1)
        assert await lab.ask("burdened") == list(range(120))
        await lab.ask("relieve")
        await reached(pool, 0)
        figures.say("seconds from 4 workers to 0 without load", time.monotonic() - began)
        await lab.ask("burden", n=4)
        assert await lab.ask("burdened") == list(range(4))
        assert (await pool.figures()).done >= 124
        following.cancel()
        await pool.stop()
        assert objects(held.spec.name) == []


@pytest.mark.usefixtures("running_operator")
async def test_who_does_not_belong_to_the_pool_does_not_get_in(lab: Lab) -> None:
    spec = order(2)
    kepler = await asyncio.to_thread(Lab, "kepler")
    async with broker() as backend:
        pool = await backend.start(spec)
        access = await pool.access()
        host = access.scheduler.removeprefix("tls://").rpartition(":")[0]
        plain = access.scheduler.replace("tls://", "tcp://")
        others = certificates.make("others")
        foreign = Credentials(ca=others["ca.crt"], cert=others["client.crt"], key=others["client.key"])
        mixed = replace(foreign, ca=access.credentials.ca)
        assert await lab.refused(address=plain, pem=None)
        for wrong in (foreign, mixed):
            assert await lab.refused(address=access.scheduler, pem=asdict(wrong))
        await lab.connect(access)
        assert await lab.ask("reaches", to=(host, 8786)) and not await lab.ask("reaches", to=(host, 8787))
        for port in (8786, 8787):
            assert not await kepler.ask("reaches", to=(host, port))
        api = ("kubernetes.default.svc", 443)
        assert not await lab.ask("from_worker", to=api) and await lab.ask("from_worker", to=(host, 8786))
        assert not await lab.ask("from_worker", to=(host, 8787))
        await pool.stop()
    kepler.close()


@pytest.mark.usefixtures("running_operator")
async def test_a_broker_that_restarts_keeps_the_pool(lab: Lab) -> None:
    spec = order(2)
    async with broker() as first:
        pool = await first.start(spec)
        await lab.connect(await pool.access())
        await lab.ask("keep", n=5)
        spec = replace(spec, adapt=Bounds(minimum=2, maximum=3))
        await pool.keep(spec)
        while "maximum" not in kubectl("get", "daskcluster", spec.name, "-o", "jsonpath={.metadata.annotations}"):
            await asyncio.sleep(0.1)
    whole = await lab.ask("kept")
    again = DaskClusterBackend(SETTINGS)
    [(found, kept)] = await again.existing()
    assert found == spec
    async with asyncio.timeout(120):
        await lab.connect(await kept.access())
    await kept.scale(3)
    await reached(kept, 3)
    assert len(whole) == 10
    await kept.stop()
    assert objects(spec.name) == []
    await again.close()


@pytest.mark.usefixtures("running_operator")
async def test_an_idle_pool_and_one_that_its_client_shuts_down_say_so(lab: Lab) -> None:
    async with broker() as backend:
        idle = await backend.start(replace(order(1), idle_seconds=6.0))
        await idle.access()
        async with asyncio.timeout(120):
            assert "No task ran" in await idle.ended()
        await idle.stop()
        shut = await backend.start(order(1))
        await lab.connect(await shut.access())
        await lab.ask("shutdown")
        async with asyncio.timeout(120):
            assert "shut down by a client" in await shut.ended()
        await shut.stop()


@pytest.mark.usefixtures("running_operator")
async def test_a_pool_whose_scheduler_is_taken_away_says_so(lab: Lab) -> None:
    async with broker() as backend:
        spec = order(1)
        pool = await backend.start(spec)
        await pool.access()
        await asyncio.to_thread(kubectl, "delete", "pod", "-l", f"{CHOSEN}={spec.name},dask.org/component=scheduler")
        with pytest.raises(PoolFailed, match="took the pool's scheduler away"):
            await asyncio.wait_for(pool.ended(), 60)
        await pool.stop()


@pytest.mark.usefixtures("running_operator")
async def test_why_a_worker_is_pending(lab: Lab) -> None:
    async with broker() as backend:
        pool = await backend.start(replace(order(2), memory=2**44))
        async with asyncio.timeout(120):
            while "no node has enough free memory" not in pool.waiting:
                await asyncio.sleep(0.2)
        assert pool.waiting.startswith("2 workers can't start: no node has enough free memory (0/")
        await pool.stop()
