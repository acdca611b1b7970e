"""Who waits for news, and how they are woken: at once in this process, and from other replicas where there are some."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import Connection

CHANNEL = "uraniborg_portal"
"""The channel of PostgreSQL's NOTIFY; its payload is a topic."""


def announce(connection: Connection, topic: str) -> None:
    """Tell every replica of a topic's news, once this connection's transaction is committed."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_notify(CHANNEL, topic)))


class Ring:
    """What one reader waits on."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """Wait until it rings, or for so long; a ring since the last wait counts. Says whether it rang."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.rung.wait(), seconds)
        rang = self.rung.is_set()
        self.rung.clear()
        return rang


class Wakeups:
    """The readers of this process, by topic."""

    def __init__(self) -> None:
        self.rings: defaultdict[str, set[Ring]] = defaultdict(set)

    @contextlib.contextmanager
    def listening(self, topic: str) -> Iterator[Ring]:
        """Give what rings at every piece of news on a topic: listen first, then read, then wait."""
        ring = Ring()
        self.rings[topic].add(ring)
        try:
            yield ring
        finally:
            self.rings[topic].discard(ring)
            if not self.rings[topic]:
                del self.rings[topic]

    def ring(self, topic: str) -> None:
        """Wake the readers of a topic."""
        for ring in self.rings.get(topic, ()):
            ring.rung.set()

    def ring_all(self) -> None:
        """Wake every reader: news may have been missed."""
        for topic in tuple(self.rings):
            self.ring(topic)
