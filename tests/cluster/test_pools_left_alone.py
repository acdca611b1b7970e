"""Pools whose operator, broker or lab is gone: they go too, and leave nothing.

No operator but the one that a test ends runs here, which those of `test_pools.py` would be.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from deployed.pools import SETTINGS, Lab, broker, gone, kubectl, operator, order
from deployed.pools import namespace as a_namespace

from uraniborg_hub.pools.dask_cluster.backend import DaskClusterBackend
from uraniborg_hub.pools.lives import Pools
from uraniborg_hub.pools.settings import PoolLimits

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]


def say(line: str) -> None:
    """Print a figure."""
    sys.stdout.write(f"{line}\n")


@pytest.fixture(scope="module")
def namespace(lab_image: str) -> Iterator[str]:
    """The pools' namespace."""
    with a_namespace() as made:
        yield made


@pytest.fixture(scope="module")
def lab(namespace: None) -> Iterator[Lab]:
    """Whose pools they are."""
    tycho = Lab("tycho")
    yield tycho
    tycho.close()


async def test_a_pool_without_operator_goes_within_a_minute(namespace: None, lab: Lab) -> None:
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
            say(f"deleted pool gone without operator: {await gone(spec.name, 60):.1f} s")


async def test_a_lab_takes_its_pool_along_without_operator_and_broker(namespace: None) -> None:
    kepler = await asyncio.to_thread(Lab, "kepler")
    spec = replace(order(2), owner="kepler")
    with operator():
        async with broker() as backend:
            await (await backend.start(spec)).access()
    kepler.close()
    # A broker that starts again, with no operator: nobody else takes the operator's finalizer off.
    pools = Pools(DaskClusterBackend(SETTINGS), PoolLimits(), "/services/pools/")
    await pools.keep_existing()
    say(f"pool gone after its lab, with operator away: {await gone(spec.name, 60):.1f} s")
    await pools.close()
