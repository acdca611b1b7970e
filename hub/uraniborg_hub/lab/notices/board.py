"""The notices of a lab, gathered from what watches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from uraniborg_hub.lab.culling.watch import LONGEST, CullingWatch
from uraniborg_hub.lab.notices.notice import Notice


class Source(Protocol):
    """Something that may have to say something."""

    def notices(self) -> list[Notice]:
        """Give what is to be said now."""
        ...


@dataclass(frozen=True, kw_only=True)
class Board:
    """What a lab's page asks."""

    culling: CullingWatch | None
    """None where nothing ends the lab."""
    others: Sequence[Source] = ()

    def notices(self) -> list[Notice]:
        """Give all notices of now."""
        sources: list[Source] = [*([self.culling] if self.culling else []), *self.others]
        return [notice for source in sources for notice in source.notices()]

    async def keep(self) -> None:
        """Count this moment as use."""
        if self.culling:
            await self.culling.keep()

    @property
    def again(self) -> float:
        """Seconds after which a page asks again."""
        return self.culling.again if self.culling else LONGEST

    @property
    def use_seconds(self) -> float:
        """A page in use says so at most this often, seconds; 0 is never."""
        return self.culling.rules.report if self.culling else 0
