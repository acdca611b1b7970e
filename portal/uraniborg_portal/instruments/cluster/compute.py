"""Jobs on the cluster that the pool broker keeps for the portal."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from uraniborg_portal.cluster.connection import LOST, TaskEnded
from uraniborg_portal.cluster.standing import StandingCluster
from uraniborg_portal.errors import Unavailable
from uraniborg_portal.instruments.channel import MADE
from uraniborg_portal.instruments.cluster import on_worker
from uraniborg_portal.instruments.cluster.archive import unpack
from uraniborg_portal.instruments.cluster.on_worker import BEGUN, ENDED
from uraniborg_portal.instruments.compute import Say, WorkerEnded
from uraniborg_portal.settings import JobLimits


class ClusterCompute:
    """Runs each job as one task of the cluster.

    A job whose worker is lost runs once more on another one, as its log then says.
    """

    def __init__(self, limits: JobLimits, cluster: StandingCluster) -> None:
        self.limits = limits
        self.cluster = cluster

    async def run(self, task: Mapping[str, Any], folder: Path, say: Say) -> tuple[str, dict[str, Any]]:
        """Run a task on some worker; see `Compute.run`."""
        say("progress", {"fraction": 0.0, "text": "Waiting for a worker"})
        try:
            connection = await self.cluster.connected(self.limits.cluster_seconds)
        except Unavailable as error:
            return "failed", error.as_json()
        # A name that no other run of the job has: the scheduler may still know the one before.
        key = f"job-{task['id']}-{secrets.token_hex(4)}"
        most_bytes = self.limits.product_megabytes * 1_000_000
        order = json.dumps({"task": dict(task), "topic": connection.topic, "most_bytes": most_bytes})
        try:
            packed = await connection.ask(on_worker.run, key, order, hear=Reader(say))
        except TaskEnded as ended:
            raise WorkerEnded(str(ended), lost=ended.lost) from ended
        return await asyncio.to_thread(read, packed, folder)

    async def warm(self, modules: Sequence[str]) -> None:
        """Have a worker ready with these modules; a cluster that is not there is no error."""
        with contextlib.suppress(Unavailable):
            connection = await self.cluster.connected(0)
            connection.begin(on_worker.warm, "warm", list(modules))

    async def close(self) -> None:
        """Do nothing: the cluster is not for jobs alone."""


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
