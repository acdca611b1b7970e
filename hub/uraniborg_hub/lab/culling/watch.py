"""Watches a lab's use: tells the hub in time, and warns before the lab is ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from uraniborg_hub.lab.culling.activity import Activity, now
from uraniborg_hub.lab.culling.decision import End, Use, end, must_tell, warned
from uraniborg_hub.lab.culling.reports import HubReports
from uraniborg_hub.lab.culling.rules import Rules
from uraniborg_hub.lab.culling.words import notice
from uraniborg_hub.lab.notices.notice import Notice

LONGEST = 300.0
"""Seconds after which a page asks again in any case."""


class CullingWatch:
    """What one lab knows of its own end."""

    def __init__(self, rules: Rules, activity: Activity, hub: HubReports, clock: Callable[[], datetime] = now) -> None:
        self.rules, self.activity, self.hub, self.clock = rules, activity, hub, clock
        self.started = self.told = clock()

    async def look(self) -> None:
        """Tell the hub of new use where it is time for that; what fails is tried again at the next look."""
        if must_tell(self._use(), self.rules, self.clock().timestamp()):
            await self._tell()

    async def keep(self) -> None:
        """Count this moment as use and tell the hub at once; where it does not answer, at a later look."""
        self.activity.seen()
        await self._tell()

    def notices(self) -> list[Notice]:
        """Give the warning where it is time for one."""
        soon = self._end()
        return [notice(soon)] if warned(soon, self.rules) else []

    @property
    def again(self) -> float:
        """Seconds after which a page should ask for notices again."""
        until = self._end().seconds - self.rules.warning
        return min(LONGEST, max(self.rules.tick, until))

    def _end(self) -> End:
        return end(self._use(), self.rules, self.clock().timestamp())

    def _use(self) -> Use:
        return Use(started=self.started.timestamp(), used=self.activity.last().timestamp(), told=self.told.timestamp())

    async def _tell(self) -> None:
        used = self.activity.last()
        if await self.hub.tell(used):
            self.told = max(self.told, used)
