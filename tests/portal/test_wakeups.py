"""Readers are woken: in this process at once, and from other replicas by a real PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import sqlalchemy as sa

from uraniborg_portal.replica_news import relay_news
from uraniborg_portal.wakeups import Wakeups, announce

if TYPE_CHECKING:
    from conftest import PostgreSQL


async def test_a_ring_wakes_its_topic_only_and_is_not_missed() -> None:
    wakeups = Wakeups()
    with wakeups.listening("a") as ring, wakeups.listening("b") as other:
        wakeups.ring("a")
        assert await ring.wait(5)
        assert not await other.wait(0)
        assert not await ring.wait(0)
        wakeups.ring_all()
        assert await other.wait(5)
    assert not wakeups.rings


async def test_news_of_a_replica_reach_the_others_also_after_the_database_was_gone(postgresql: PostgreSQL) -> None:
    database = sa.create_engine(postgresql.database("news"), pool_pre_ping=True)

    def say() -> None:
        with database.begin() as connection:
            announce(connection, "work")

    wakeups = Wakeups()
    relay = asyncio.create_task(relay_news(database, wakeups))
    with wakeups.listening("work") as ring:
        assert await ring.wait(20)  # it listens now
        await asyncio.to_thread(say)
        assert await ring.wait(20)
        await asyncio.to_thread(postgresql.stop)
        await asyncio.to_thread(postgresql.start)
        assert await ring.wait(20)  # whatever was said meanwhile
        await asyncio.to_thread(say)
        assert await ring.wait(20)
    relay.cancel()
    await asyncio.wait([relay])
    database.dispose()
