"""News from the other replicas: PostgreSQL's LISTEN, taken up again whenever its connection breaks."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy import Engine

from uraniborg_portal.wakeups import CHANNEL, Wakeups

LOG = logging.getLogger(__name__)

AGAIN = 1.0
"""Seconds until a broken connection is made anew; readers look by themselves in the meantime."""


async def relay_news(database: Engine, wakeups: Wakeups) -> None:
    """Wake this process's readers at what any replica announces, until cancelled.

    A database without announcements (SQLite) has one process, which wakes itself: nothing is done then.
    """
    if database.dialect.name != "postgresql":
        return
    from psycopg import Error

    while True:
        try:
            await relay_while_connected(database, wakeups)
        except (Error, OSError) as error:
            LOG.warning("news of other replicas are read slowly until the database listens again: %s", error)
        await asyncio.sleep(AGAIN)


async def relay_while_connected(database: Engine, wakeups: Wakeups) -> None:
    """Relay announcements over one connection until it breaks."""
    from psycopg import AsyncConnection

    _, wanted = database.dialect.create_connect_args(database.url)
    async with await AsyncConnection.connect(**wanted, autocommit=True) as connection:
        await connection.execute(f"LISTEN {CHANNEL}")
        wakeups.ring_all()
        async for news in connection.notifies():
            wakeups.ring(news.payload)
