"""One connection of the portal with a scheduler, from the first job that needs it until it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

from distributed import Client, KilledWorker, Security
from distributed.client import FutureCancelledError

from uraniborg_portal.instruments.cluster import on_worker
from uraniborg_portal.instruments.cluster.broker import SchedulerAddress
from uraniborg_portal.instruments.compute import WorkerEnded

LOG = logging.getLogger(__name__)

CONNECT_SECONDS = 5
CLOSE_SECONDS = 5
LOOK = 0.5
"""Seconds between two looks whether the connection still stands."""
LOST = "The scheduler of the portal's workers was lost while the job ran."
KILLED = "Two workers ended while they ran the job: it may need more memory than they have."

Hear = Callable[[str, dict[str, Any]], None]


class Connection:
    """A scheduler that answers, and the jobs that are there."""

    def __init__(self, address: SchedulerAddress, client: Client) -> None:
        self.address = address
        self.client = client
        self.topic = f"uraniborg-{client.id}"
        self.hearers: dict[str, Hear] = {}
        self.lost = asyncio.Event()
        client.subscribe_topic(self.topic, self.heard)
        self.watching = asyncio.create_task(self.watch())

    @classmethod
    async def make(cls, address: SchedulerAddress) -> Connection:
        """Connect.

        Raises
        ------
        OSError
            Nothing answers there, or not with the right certificate.
        """
        security = Security(
            require_encryption=True,
            tls_ca_file=address.authority,
            tls_client_cert=address.certificate,
            tls_client_key=address.key,
        )
        # Results come through the scheduler: the portal reaches no worker.
        client = await Client(
            address.url,
            security=security,
            asynchronous=True,
            timeout=CONNECT_SECONDS,
            set_as_default=False,
            direct_to_workers=False,
        )
        return cls(address, client)

    async def watch(self) -> None:
        """Notice when the scheduler is gone, however it went."""
        while self.client.status == "running":
            await asyncio.sleep(LOOK)
        self.lost.set()

    def heard(self, event: tuple[float, dict[str, Any]]) -> None:
        """Hand what a worker says to the job that it is about."""
        message = event[1]
        if hear := self.hearers.get(message["key"]):
            hear(message["kind"], message["data"])

    async def ask(self, key: str, order: str, hear: Hear) -> bytes:
        """Run a job on a worker, on another one when that is lost; cancelling ends it there.

        Raises
        ------
        WorkerEnded
            The scheduler was lost, or a second worker.
        """
        self.hearers[key] = hear
        future = self.client.submit(on_worker.run, key, order, key=key, pure=False)
        answer = asyncio.ensure_future(future.result())
        gone = asyncio.create_task(self.lost.wait())
        try:
            await asyncio.wait((answer, gone), return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise WorkerEnded(LOST, lost=True)
            packed: bytes = answer.result()
        except FutureCancelledError as error:
            self.lost.set()
            raise WorkerEnded(LOST, lost=True) from error
        except KilledWorker as error:
            raise WorkerEnded(KILLED) from error
        finally:
            gone.cancel()
            answer.cancel()
            del self.hearers[key]
            if not self.lost.is_set():
                await asyncio.shield(self.client.cancel([future], force=True))
        return packed

    async def warm(self, modules: list[str]) -> None:
        """Have some worker import these modules, unless one does so now; does not wait for it."""
        if not self.lost.is_set():
            self.client.submit(on_worker.warm, modules, key="warm", pure=False)

    async def close(self) -> None:
        """Let go of the scheduler."""
        self.lost.set()
        self.watching.cancel()
        with contextlib.suppress(TimeoutError, OSError):
            await self.client.close(timeout=CLOSE_SECONDS)
