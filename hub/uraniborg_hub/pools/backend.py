"""What the broker asks of whatever runs pools: `local`: processes of this machine; `dask_cluster`: pods."""

from __future__ import annotations

from typing import Protocol

from uraniborg_hub.pools.figures import Figures
from uraniborg_hub.pools.models import Access, PoolSpec

IDLE = "No task ran for as long as an idle pool is kept."
SHUT_DOWN = "Its scheduler was shut down by a client."


class RunningPool(Protocol):
    """One pool in the hands of a back end, from the moment it is asked for."""

    @property
    def ready(self) -> int:
        """How many workers the scheduler knows now."""

    @property
    def waiting(self) -> str:
        """Why workers are not there yet, in a sentence; empty when all are, or nothing is known against it."""

    async def access(self) -> Access:
        """Wait for the first worker, or with none wanted for the scheduler, and say where the pool answers.

        Raises
        ------
        PoolFailed
            The pool can't start; its message is the reason, in a sentence.
        """

    async def ended(self) -> str:
        """Wait until the pool ends by itself and give the reason, in a sentence.

        Raises
        ------
        PoolFailed
            It broke down; the message is the reason.
        """

    async def scale(self, workers: int, *, idle_only: bool = False) -> None:
        """Ask for another number of workers; results on those that leave are kept by those that stay.

        With `idle_only`, workers that compute something at that moment stay, and more are left than were asked for.
        """

    async def desired(self) -> int:
        """Give how many workers the scheduler's present load wants, whatever the limits are.

        Raises
        ------
        Unavailable
            The scheduler does not answer now.
        """

    async def figures(self) -> Figures:
        """Give what it does now, in numbers; raises as `desired`."""

    async def keep(self, spec: PoolSpec) -> None:
        """Note what the pool is from now on where a later broker finds it, if pools outlive their broker."""

    async def stop(self) -> None:
        """End the pool; nothing of it is left when this returns. May be called at any time, and again."""


class Backend(Protocol):
    """Makes pools."""

    async def start(self, spec: PoolSpec) -> RunningPool:
        """Ask for a pool; returns at once."""

    async def existing(self) -> list[tuple[PoolSpec, RunningPool]]:
        """Give the pools that outlived an earlier broker, so that this one keeps them."""

    async def close(self) -> None:
        """Let go: end the pools that can't live without the broker, keep the others."""
