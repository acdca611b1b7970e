"""The Dask client of a pool: when the pool has ended, it says why instead of that a connection is lost."""

from __future__ import annotations

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

    def __init__(self, address: str, security: Security, why_lost: WhyLost) -> None:
        self._why_lost = why_lost
        parent: Any = super()
        parent.__init__(address, security=security, set_as_default=True)

    def sync(self, func: Callable[..., object], *args: object, **kwargs: object) -> object:
        """Run a call of the client in its loop, and wait for it as `Client.sync` does."""
        if self.status == "connecting":
            self._explain(None)
        try:
            parent: Any = super()
            return parent.sync(func, *args, **kwargs)
        except LOST as error:
            # A task may raise an OSError or be cancelled, too. A connection may be closed before the client knows.
            if self.status != "running" or isinstance(error, CommClosedError):
                self._explain(error)
            raise

    def _explain(self, error: BaseException | None) -> None:
        """Raise the reason of the pool's end; nothing while the platform says that it runs."""
        if reason := self._why_lost():
            raise reason from error


def connect(address: str, security: Security, why_lost: WhyLost) -> Client:
    """Give a client that is the default one; `why_lost` waits for the reason why the scheduler is gone, if it is."""
    client: Client = PoolClient(address, security, why_lost)
    return client
