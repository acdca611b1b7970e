"""Jobs on the cluster that the pool broker keeps for the portal."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import tarfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from uraniborg_portal.errors import Unavailable
from uraniborg_portal.instruments.channel import MADE
from uraniborg_portal.instruments.cluster.archive import unpack
from uraniborg_portal.instruments.cluster.broker import Broker
from uraniborg_portal.instruments.cluster.connection import LOST, Connection
from uraniborg_portal.instruments.cluster.on_worker import BEGUN, ENDED
from uraniborg_portal.instruments.compute import Say, WorkerEnded
from uraniborg_portal.settings import JobLimits

LOG = logging.getLogger(__name__)

LOOK = 5.0
"""Seconds between two questions whether the broker names another scheduler."""
RETRY = 1.0


class ClusterCompute:
    """Runs each job as one task of a Dask cluster.

    The connection is made when a job first needs it, and made anew when it is lost or the broker names another
    scheduler. A job whose worker is lost runs once more on another one, as its log then says.
    """

    def __init__(self, limits: JobLimits, broker: Broker) -> None:
        self.limits = limits
        self.broker = broker
        self.connection: Connection | None = None
        self.connecting = asyncio.Lock()
        self.endings: set[asyncio.Task[None]] = set()
        self.looking: asyncio.Task[None] | None = None

    async def run(self, task: Mapping[str, Any], folder: Path, say: Say) -> tuple[str, dict[str, Any]]:
        """Run a task on some worker; see `Compute.run`."""
        say("progress", {"fraction": 0.0, "text": "Waiting for a worker"})
        try:
            connection = await self.connected(self.limits.cluster_seconds)
        except Unavailable as error:
            return "failed", error.as_json()
        # A name that no other run of the job has: the scheduler may still know the one before.
        key = f"job-{task['id']}-{secrets.token_hex(4)}"
        most_bytes = self.limits.product_megabytes * 1_000_000
        order = json.dumps({"task": dict(task), "topic": connection.topic, "most_bytes": most_bytes})
        packed = await connection.ask(key, order, Reader(say))
        return await asyncio.to_thread(read, packed, folder)

    async def connected(self, seconds: float) -> Connection:
        """Give a connection that stands; wait so long for a scheduler.

        Raises
        ------
        Unavailable
            There was none in that time; the message says why.
        """
        until = time.monotonic() + seconds
        async with self.connecting:
            while self.connection is None or self.connection.lost.is_set():
                self.drop()
                try:
                    address = await self.broker.scheduler(until - time.monotonic())
                    self.connection = await Connection.make(address)
                except (Unavailable, OSError) as error:
                    if time.monotonic() > until:
                        raise words(error) from error
                    await asyncio.sleep(RETRY)
            if self.looking is None:
                self.looking = asyncio.create_task(self.look())
            return self.connection

    async def look(self) -> None:
        """Drop the connection when the broker names another scheduler: this one may be gone without a word."""
        while True:
            await asyncio.sleep(LOOK)
            # A broker that does not answer says nothing about the scheduler.
            with contextlib.suppress(Unavailable):
                before = self.connection
                address = await self.broker.scheduler()
                if before and before is self.connection and address != before.address:
                    LOG.info("the broker names another scheduler: %s", address.url)
                    self.drop()

    def drop(self) -> None:
        """Let go of the connection; its jobs end as lost."""
        if self.connection:
            ending = asyncio.create_task(self.connection.close())
            self.endings.add(ending)
            ending.add_done_callback(self.endings.discard)
            self.connection = None

    async def warm(self, modules: Sequence[str]) -> None:
        """Have a worker ready with these modules; a cluster that is not there is no error."""
        with contextlib.suppress(Unavailable):
            connection = await self.connected(0)
            await connection.warm(list(modules))

    async def close(self) -> None:
        """Let go of scheduler and broker; the cluster stays."""
        if self.looking:
            self.looking.cancel()
        self.drop()
        await asyncio.gather(*self.endings)
        await self.broker.close()


class Reader:
    """Relays what workers say of one job, and tells when another worker takes it up."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.first = ""

    def __call__(self, kind: str, data: dict[str, Any]) -> None:
        """Relay one message."""
        if kind != BEGUN:
            self.say(kind, data)
        elif self.first:
            self.say("log", {"line": f"The worker {self.first} was lost; {data['worker']} runs the job again."})
        else:
            self.first = str(data["worker"])
            self.say("log", {"line": f"Worker {self.first}"})


def words(error: Unavailable | OSError) -> Unavailable:
    """Give the failure of a connection as a user reads it."""
    if isinstance(error, Unavailable):
        return error
    return Unavailable(
        f"The scheduler of the portal's workers does not answer ({type(error).__name__}).", "Run it again."
    )


def read(packed: bytes, folder: Path) -> tuple[str, dict[str, Any]]:
    """Give a worker's answer, and write into `folder` what it made.

    Raises
    ------
    WorkerEnded
        The job's process ended on the worker, or the answer is none.
    """
    try:
        line, _, archive = packed.partition(b"\n")
        answer = json.loads(line)
        kind, said = answer["kind"], answer["said"]
        if kind == MADE:
            unpack(archive, folder)
    except (ValueError, KeyError, tarfile.TarError) as error:
        raise WorkerEnded(LOST, lost=True) from error
    if kind == ENDED:
        raise WorkerEnded(said["message"])
    return kind, said
