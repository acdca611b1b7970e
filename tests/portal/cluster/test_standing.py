"""The portal finds its cluster, keeps one connection, and says why there is none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from dask_on_loopback import TOKEN

from uraniborg_portal.cluster.broker import Broker as BrokerClient
from uraniborg_portal.cluster.connection import TaskEnded
from uraniborg_portal.cluster.standing import StandingCluster
from uraniborg_portal.cluster.wanted import while_wanted
from uraniborg_portal.errors import Unavailable

if TYPE_CHECKING:
    from dask_on_loopback import Broker


async def nothing(key: str) -> bytes:
    return b""


async def test_there_is_one_connection_until_it_is_lost(broker: Broker) -> None:
    broker.cluster.start_scheduler()
    cluster = StandingCluster(BrokerClient(broker.url, TOKEN))
    first, same = await asyncio.gather(cluster.connected(60), cluster.connected(60))
    assert first is same
    waiting = asyncio.create_task(first.ask(nothing, "waits"))
    await asyncio.sleep(0)
    broker.cluster.processes[0].kill()
    with pytest.raises(TaskEnded, match="was lost") as ended:
        await waiting
    assert ended.value.lost
    broker.cluster.start_scheduler()
    second = await cluster.connected(60)
    assert second is not first
    assert second.address.url == broker.cluster.url
    await cluster.close()


@pytest.mark.parametrize(("token", "words"), [(TOKEN, "not there yet"), ("another", "may not")])
async def test_why_there_is_none_is_said(broker: Broker, token: str, words: str) -> None:
    cluster = StandingCluster(BrokerClient(broker.url, token))
    with pytest.raises(Unavailable, match=words):
        await cluster.connected(0.2)
    await cluster.close()


async def test_what_nobody_waits_for_is_ended() -> None:
    ended = asyncio.Event()

    async def work() -> bytes:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return b"never"

    assert await while_wanted(asyncio.create_task(work()), lambda: False) == b""
    assert ended.is_set()
