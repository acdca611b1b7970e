"""The portal's cluster, as long as the portal runs: a connection that is made anew when it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

from uraniborg_portal.cluster.broker import Broker
from uraniborg_portal.cluster.connection import Connection
from uraniborg_portal.errors import Unavailable

LOG = logging.getLogger(__name__)

LOOK = 5.0
"""Seconds between two questions whether the broker names another scheduler."""
RETRY = 1.0


class StandingCluster:
    """Keeps a connection with the cluster.

    It is made when a task first needs it, and made anew when it is lost or the broker names another scheduler.
    """

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.connection: Connection | None = None
        self.connecting = asyncio.Lock()
        self.endings: set[asyncio.Task[None]] = set()
        self.looking: asyncio.Task[None] | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        """Where it runs, for who asks from another thread; None before `start`."""

    def start(self) -> None:
        """Run in this event loop."""
        self.loop = asyncio.get_running_loop()

    async def connected(self, seconds: float) -> Connection:
        """Give a connection that stands; wait so long for a scheduler.

        Raises
        ------
        Unavailable
            There was none in that time; the message says why.
        """
        until = time.monotonic() + seconds
        async with self.connecting:
            while self.connection is None or self.connection.lost.is_set():
                self.drop()
                try:
                    address = await self.broker.scheduler(until - time.monotonic())
                    self.connection = await Connection.make(address)
                except (Unavailable, OSError) as error:
                    if time.monotonic() > until:
                        raise words(error) from error
                    await asyncio.sleep(RETRY)
            if self.looking is None:
                self.looking = asyncio.create_task(self.look())
            return self.connection

    async def look(self) -> None:
        """Drop the connection when the broker names another scheduler: this one may be gone without a word."""
        while True:
            await asyncio.sleep(LOOK)
            # A broker that does not answer says nothing about the scheduler.
            with contextlib.suppress(Unavailable):
                before = self.connection
                address = await self.broker.scheduler()
                if before and before is self.connection and address != before.address:
                    LOG.info("the broker names another scheduler: %s", address.url)
                    self.drop()

    def drop(self) -> None:
        """Let go of the connection; its tasks end as lost."""
        if self.connection:
            ending = asyncio.create_task(self.connection.close())
            self.endings.add(ending)
            ending.add_done_callback(self.endings.discard)
            self.connection = None

    async def close(self) -> None:
        """Let go of scheduler and broker; the cluster stays."""
        if self.looking:
            self.looking.cancel()
        self.drop()
        await asyncio.gather(*self.endings)
        await self.broker.close()


def words(error: Unavailable | OSError) -> Unavailable:
    """Give the failure of a connection as a user reads it."""
    if isinstance(error, Unavailable):
        return error
    return Unavailable(
        f"The scheduler of the portal's workers does not answer ({type(error).__name__}).", "Run it again."
    )
