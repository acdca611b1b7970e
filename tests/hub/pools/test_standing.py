"""There is always one pool for the jobs, whatever happens to it; made of real processes here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from uraniborg_hub.pools.compute_settings import ComputeSettings
from uraniborg_hub.pools.errors import Unavailable
from uraniborg_hub.pools.local import LocalBackend
from uraniborg_hub.pools.standing import Found, Standing, wanted

COMPUTE = ComputeSettings(image="portal:1", client_namespace="", client_labels={}, maximum=2, memory=2**29)
SECONDS = 60


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[LocalBackend]:
    made = LocalBackend(tmp_path, {})
    yield made
    await made.close()


@asynccontextmanager
async def kept(
    backend: LocalBackend, compute: ComputeSettings | None = COMPUTE, found: list[Found] | None = None
) -> AsyncIterator[Standing]:
    """A broker that keeps the pool, until it goes away and leaves it as it is."""
    standing = Standing(backend, compute, "/services/pools/")
    keeping = asyncio.create_task(standing.keep(found or []))
    yield standing
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)


def schedulers() -> set[int]:
    """Processes of pools below this one."""
    return {each.pid for each in psutil.Process().children() if "uraniborg_hub.pools.talk" in each.cmdline()}


async def until_gone(process: int) -> None:
    async with asyncio.timeout(SECONDS):
        while psutil.pid_exists(process) and psutil.Process(process).status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.02)


async def test_a_pool_that_breaks_down_is_made_anew(backend: LocalBackend) -> None:
    async with kept(backend) as standing:
        with pytest.raises(Unavailable, match="are being started"):
            await standing.access(0)
        first = await standing.access(SECONDS)
        [process] = schedulers()
        psutil.Process(process).kill()
        async with asyncio.timeout(SECONDS):
            while standing.up:
                await asyncio.sleep(0.01)
        with pytest.raises(Unavailable, match="are started anew"):
            await standing.access(0)
        second = await standing.access(SECONDS)
        assert second.scheduler != first.scheduler
        assert second.credentials.key != first.credentials.key
        await until_gone(process)


async def test_what_outlived_a_broker_is_kept_or_removed_as_the_settings_say(backend: LocalBackend) -> None:
    spec = wanted(COMPUTE, "/services/pools/")
    handle, other = await backend.start(spec), await backend.start(wanted(COMPUTE, "/services/pools/"))
    mine, too_many = (await handle.access()).scheduler, (await other.access()).scheduler
    wider = COMPUTE.model_copy(update={"maximum": 3})
    async with kept(backend, wider, [(spec, handle), (spec, other)]) as standing:
        assert (await standing.access(SECONDS)).scheduler == mine != too_many
        assert standing.spec is not None and standing.spec.adapt is not None and standing.spec.adapt.maximum == 3
        assert len(schedulers()) == 1
    async with kept(backend, COMPUTE.model_copy(update={"image": "portal:2"}), [(spec, handle)]) as standing:
        assert (await standing.access(SECONDS)).scheduler != mine
        assert len(schedulers()) == 1


async def test_a_setting_that_is_gone_takes_the_pool_along(backend: LocalBackend) -> None:
    spec = wanted(COMPUTE, "/services/pools/")
    handle = await backend.start(spec)
    await handle.access()
    await Standing(backend, None, "/services/pools/").keep([(spec, handle)])
    assert not schedulers()
