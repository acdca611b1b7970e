"""The Dask client of a pool: when the pool has ended, it says why instead of that a connection is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

from distributed import Client, Security
from distributed.client import ClosedClientError
from distributed.comm.core import CommClosedError

from uraniborg._errors import UraniborgError

WhyLost = Callable[[], UraniborgError | None]
LOST = (CancelledError, ClosedClientError, OSError)
"""What Dask raises where the scheduler is gone."""


class PoolClient(Client):
    """A client whose blocking calls raise a UraniborgError with the reason once the pool has ended."""

    def __init__(self, address: str, security: Security, why_lost: WhyLost, *, asynchronous: bool = False) -> None:
        self._why_lost = why_lost
        parent: Any = super()
        parent.__init__(address, security=security, set_as_default=True, asynchronous=asynchronous)

    def sync(self, func: Callable[..., object], *args: object, **kwargs: object) -> object:
        """Run a call of the client in its loop, and wait for it as `Client.sync` does, or give it to be awaited."""
        chosen = kwargs.get("asynchronous")
        if self.asynchronous if chosen is None else chosen:
            return self._awaited(func, args, kwargs)
        if self.status == "connecting":
            self._explain(None)
        try:
            parent: Any = super()
            return parent.sync(func, *args, **kwargs)
        except LOST as error:
            # A task may raise an OSError or be cancelled, too. A connection may be closed before the client knows.
            if self._may_be_over(error):
                self._explain(error)
            raise

    async def _awaited(self, func: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, Any]) -> object:
        """Do as `sync` in code that awaits; the platform is asked beside the loop."""
        if self.status == "connecting":
            await asyncio.to_thread(self._explain, None)
        try:
            parent: Any = super()
            return await parent.sync(func, *args, **{**kwargs, "asynchronous": True})
        except LOST as error:
            if self._may_be_over(error):
                await asyncio.to_thread(self._explain, error)
            raise

    def _may_be_over(self, error: BaseException) -> bool:
        return self.status != "running" or isinstance(error, CommClosedError)

    def _explain(self, error: BaseException | None) -> None:
        """Raise the reason of the pool's end; nothing while the platform says that it runs."""
        if reason := self._why_lost():
            raise reason from error


def connect(address: str, security: Security, why_lost: WhyLost, *, asynchronous: bool = False) -> Client:
    """Give a client that is the default one; `why_lost` waits for the reason why the scheduler is gone, if it is.

    An asynchronous one is of the running loop, and there once it is awaited.
    """
    client: Client = PoolClient(address, security, why_lost, asynchronous=asynchronous)
    return client
