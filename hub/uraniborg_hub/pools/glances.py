"""A pool's figures for whoever looks: asked of its scheduler at most twice a second, however many look."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from uraniborg_hub.pools.backend import RunningPool
from uraniborg_hub.pools.errors import Unavailable
from uraniborg_hub.pools.figures import Figures

FRESH_SECONDS = 0.5
"""Figures that are no older are given again."""


@dataclass(kw_only=True, eq=False)
class Glances:
    """What the last look at one pool told."""

    figures: Figures | None = None
    """None while the scheduler has not answered, or did not at the last look."""
    _at: float = -FRESH_SECONDS
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self, handle: RunningPool) -> Figures | None:
        """Give the figures of now, or None when the scheduler does not answer."""
        async with self._looking:
            if time.monotonic() >= self._at + FRESH_SECONDS:
                try:
                    self.figures = await handle.figures()
                except Unavailable:
                    self.figures = None
                self._at = time.monotonic()
            return self.figures
