"""Pools whose operator, broker or lab is gone: they go too, and leave nothing.

No operator but the one that a test ends runs here, which those of `test_pools.py` would be.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from deployed.pools import SETTINGS, Lab, broker, gone, kubectl, operator, order

from uraniborg_hub.pools.dask_cluster.backend import DaskClusterBackend
from uraniborg_hub.pools.lives import Pools
from uraniborg_hub.pools.settings import PoolLimits

if TYPE_CHECKING:
    from deployed.figures import Figures

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]


async def test_a_pool_without_operator_goes_within_a_minute(lab: Lab, figures: Figures) -> None:
    spec = order(2)
    with operator() as process:
        async with broker() as backend:
            pool = await backend.start(spec)
            await pool.access()
            await asyncio.to_thread(kubectl, "get", "daskcluster", spec.name)
            process.kill()
            process.wait()
            await asyncio.to_thread(kubectl, "delete", "daskcluster", spec.name, "--wait=false")
            async with asyncio.timeout(120):
                assert await pool.ended() == "It was deleted in the cluster."
            await pool.stop()
            figures.say("seconds until a deleted pool was gone", await gone(spec.name, 60))


async def test_a_lab_takes_its_pool_along_without_operator_and_broker(pools_namespace: str, figures: Figures) -> None:
    kepler = await asyncio.to_thread(Lab, "kepler")
    spec = replace(order(2), owner="kepler")
    with operator():
        async with broker() as backend:
            await (await backend.start(spec)).access()
    kepler.close()
    # A broker that starts again, with no operator: nobody else takes the operator's finalizer off.
    pools = Pools(DaskClusterBackend(SETTINGS), PoolLimits(), "/services/pools/")
    await pools.keep_existing()
    figures.say("seconds until a dead lab's pool was gone", await gone(spec.name, 60))
    await pools.close()
