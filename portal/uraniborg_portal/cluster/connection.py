"""One connection of the portal with a scheduler, from the first task that needs it until it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from distributed import Client, KilledWorker, Security
from distributed.client import FutureCancelledError

from uraniborg_portal.cluster.broker import SchedulerAddress

LOG = logging.getLogger(__name__)

CONNECT_SECONDS = 5
CLOSE_SECONDS = 5
LOOK = 0.5
"""Seconds between two looks whether the connection still stands."""
LOST = "The scheduler of the portal's workers was lost while the task ran."
KILLED = "Two workers ended while they ran the task: it may need more memory than they have."

Hear = Callable[[str, dict[str, Any]], None]
"""Takes kind and data of what a task says."""
Task = Callable[..., Awaitable[bytes]]
"""A function of a module that the workers were started with; it takes its own key, an order in JSON, and bytes."""


class TaskEnded(Exception):
    """The worker or the scheduler of a task was lost; the message says which, in a sentence.

    Parameters
    ----------
    message
        How it ended.
    lost
        Whether it may well end when it is asked again; False where it took two workers along.
    """

    def __init__(self, message: str, *, lost: bool) -> None:
        super().__init__(message)
        self.lost = lost


def unheard(kind: str, data: dict[str, Any]) -> None:
    """Hear nothing of what a task says."""


class Connection:
    """A scheduler that answers, and the tasks that are there."""

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
        """Hand what a worker says to the task that it is about."""
        message = event[1]
        if hear := self.hearers.get(message["key"]):
            hear(message["kind"], message["data"])

    async def ask(self, task: Task, key: str, *given: object, hear: Hear = unheard) -> bytes:
        """Run a task on a worker, on another one when that is lost; cancelling ends it there.

        Raises
        ------
        TaskEnded
            The scheduler was lost, or a second worker.
        """
        self.hearers[key] = hear
        future = self.client.submit(task, key, *given, key=key, pure=False)
        answer = asyncio.ensure_future(future.result())
        gone = asyncio.create_task(self.lost.wait())
        try:
            await asyncio.wait((answer, gone), return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise TaskEnded(LOST, lost=True)
            packed: bytes = answer.result()
        except FutureCancelledError as error:
            self.lost.set()
            raise TaskEnded(LOST, lost=True) from error
        except KilledWorker as error:
            raise TaskEnded(KILLED, lost=False) from error
        finally:
            gone.cancel()
            answer.cancel()
            del self.hearers[key]
            if not self.lost.is_set():
                await asyncio.shield(self.client.cancel([future], force=True))
        return packed

    def begin(self, task: Task, key: str, *given: object) -> None:
        """Have some worker run a task, unless one does so now; does not wait for it."""
        if not self.lost.is_set():
            self.client.submit(task, *given, key=key, pure=False)

    async def close(self) -> None:
        """Let go of the scheduler."""
        self.lost.set()
        self.watching.cancel()
        with contextlib.suppress(TimeoutError, OSError):
            await self.client.close(timeout=CLOSE_SECONDS)
