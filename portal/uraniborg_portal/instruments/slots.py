"""So many jobs at once, shared fairly: a user with many waiting jobs doesn't keep the others from running."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FairSlots:
    """A number of slots; who has the fewest running goes first, then who waits longest."""

    def __init__(self, count: int) -> None:
        self.free = count
        self.running: Counter[str] = Counter()
        self.waiting: list[tuple[str, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def take(self, owner: str) -> AsyncIterator[None]:
        """Hold a slot, once there is one; a caller that is cancelled while it waits gives up its place."""
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append((owner, turn))
        self.hand_out()
        try:
            await turn
            yield
        finally:
            self.leave(owner, turn)

    def leave(self, owner: str, turn: asyncio.Future[None]) -> None:
        """Give back the slot, or the place among those who wait."""
        if (owner, turn) in self.waiting:
            self.waiting.remove((owner, turn))
            return
        self.free += 1
        self.running[owner] -= 1
        self.hand_out()

    def hand_out(self) -> None:
        """Give free slots to those whose turn it is."""
        while self.free and self.waiting:
            owner, turn = min(self.waiting, key=lambda each: self.running[each[0]])
            self.waiting.remove((owner, turn))
            self.free -= 1
            self.running[owner] += 1
            if not turn.done():
                turn.set_result(None)
