"""Watches how much a lab's user keeps, and how much room is left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from uraniborg_hub.lab.notices.notice import Notice
from uraniborg_hub.lab.storage.usage import Usage, measure
from uraniborg_hub.lab.storage.volume import Volume, volume
from uraniborg_hub.lab.storage.words import NEARLY, usage_notice, volume_notice

QUOTA = "URANIBORG_HOME_QUOTA"
"""Environment variable of a lab: bytes that its user may keep, or `volume` where the whole volume is the user's."""
OWN = "volume"
LOOK = 60.0
"""Seconds between two looks at the volume, which costs nothing."""
MEASURE = 900.0
"""Seconds between two measurements of the files."""
BUDGET = 120.0
"""Seconds that a measurement may take."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """What a user may keep."""

    bytes: int | None
    """None: as much as the volume holds."""
    own: bool
    """Whether the volume is this user's alone."""


class StorageWatch:
    """What one lab knows of its user's files."""

    def __init__(self, folder: Path, quota: Quota, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder, self.quota, self.clock = folder, quota, clock
        self.volume: Volume | None = None
        self.usage: Usage | None = None
        self._measured = float("-inf")

    async def look(self) -> None:
        """Look at the volume, and measure the files where there is a limit and the last time is long ago."""
        self.volume = await asyncio.to_thread(volume, self.folder)
        if self._limit is not None and self.clock() - self._measured >= MEASURE:
            self._measured = self.clock()
            self.usage = await asyncio.to_thread(self._usage, self.volume)

    def notices(self) -> list[Notice]:
        """Give what the user has to know."""
        full = volume_notice(self.volume, own=self.quota.own) if self.volume else None
        much = usage_notice(self.usage, self._limit) if self.usage and self._limit else None
        return [notice for notice in (full, much) if notice]

    @property
    def _limit(self) -> int | None:
        if self.quota.own:
            return self.volume.size if self.volume else None
        return self.quota.bytes

    def _usage(self, volume: Volume) -> Usage | None:
        """Measure the files; on a volume of the user's own only once they are many: it knows their sum by itself."""
        if self.quota.own and volume.size - volume.free < NEARLY * volume.size:
            return None
        return measure(self.folder, BUDGET)


def read(environment: Mapping[str, str]) -> Quota:
    """Give the quota that a lab's variables name."""
    told = environment.get(QUOTA, "")
    return Quota(bytes=int(told) if told.isdecimal() else None, own=told == OWN)
