"""The disk space that an owner's asynchronous queries may take, results and uploaded tables together."""

from __future__ import annotations

from uraniborg_portal.errors import TooLarge
from uraniborg_portal.settings import AsyncLimits
from uraniborg_portal.tap.jobs.store import TapJobStore


class Space:
    """What is taken, and what may be."""

    def __init__(self, store: TapJobStore, limits: AsyncLimits) -> None:
        self.store = store
        self.limits = limits

    def check(self, owner: str | None, size: int) -> None:
        """Refuse so many bytes more than the owner has (nobody's queries have theirs together).

        Raises
        ------
        TooLarge
            There is no space for them.
        """
        taken = self.store.bytes_of(owner) + size
        limit = self.limits.megabytes_per_user * 1_000_000
        if taken > limit:
            whose = "Your asynchronous queries" if owner else "Nobody's asynchronous queries together"
            raise TooLarge(
                f"{whose} would take {taken / 1e6:,.0f} MB; accepted: {limit / 1e6:,.0f} MB.",
                "Delete some of them, and run it again.",
            )
