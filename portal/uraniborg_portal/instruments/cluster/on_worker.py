"""What a worker of the cluster does: it runs each job in a process of its own, and says how it goes.

Workers and their scheduler start with `--preload uraniborg_portal.instruments.cluster.on_worker` and the portal's own
image. The process of a job ends within a moment when nobody wants the job any more: when it was cancelled, when the
portal that asked is gone, and when the worker itself ends.
"""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from distributed import Scheduler, Worker, WorkerPlugin, get_worker

from uraniborg_portal.cluster.wanted import wanted, while_wanted
from uraniborg_portal.errors import TooLarge
from uraniborg_portal.instruments.channel import FAILED, MADE
from uraniborg_portal.instruments.cluster.archive import pack
from uraniborg_portal.instruments.compute import Say, WorkerEnded
from uraniborg_portal.instruments.workers import Workers
from uraniborg_portal.settings import Settings

LOG = logging.getLogger(__name__)

PLUGIN = "uraniborg-instruments"
BEGUN, ENDED = "begun", "ended"
"""Kind of a message: a worker has taken the job. Kind of an answer: the job's process ended before the job."""


class Instruments(WorkerPlugin):
    """The processes of a worker."""

    name = PLUGIN

    def __init__(self) -> None:
        self.processes = Workers(Settings())

    async def teardown(self, worker: Worker) -> None:
        """End them with the worker."""
        await self.processes.close()


async def dask_setup(worker: Worker | Scheduler) -> None:
    """Give a worker its processes; called by distributed where it starts with this module, in a scheduler too."""
    if isinstance(worker, Worker):
        await worker.plugin_add(Instruments(), name=PLUGIN)


def processes(worker: Worker) -> Workers:
    """Give the processes of a worker."""
    return cast(Instruments, worker.plugins[PLUGIN]).processes


async def warm(modules: list[str]) -> bytes:
    """Have a process ready that has imported these modules; gives nothing."""
    await processes(get_worker()).warm(modules)
    return b""


async def run(key: str, order: str) -> bytes:
    """Run one job, and give its answer: a line of JSON, and behind it the archive of what was made.

    Parameters
    ----------
    key
        The task's own.
    order
        JSON: `task` as `Compute.run` takes it, `topic` to say things under, `most_bytes` of a product.
    """
    worker = get_worker()
    given = json.loads(order)

    def say(kind: str, data: dict[str, Any]) -> None:
        worker.log_event(given["topic"], {"key": key, "kind": kind, "data": data})

    say(BEGUN, {"worker": str(worker.name)})
    with TemporaryDirectory(dir=worker.local_directory, prefix="job-") as name:
        folder = Path(name) / "product"
        doing = asyncio.create_task(do(processes(worker), given, folder, say))
        return await while_wanted(doing, lambda: wanted(worker, key))


async def do(compute: Workers, given: dict[str, Any], folder: Path, say: Say) -> bytes:
    """Run the job to its answer, whatever that is."""
    try:
        kind, said = await compute.run(given["task"], folder, say)
        packed = await asyncio.to_thread(pack, folder, given["most_bytes"]) if kind == MADE else b""
    except TooLarge as error:
        kind, said, packed = FAILED, error.as_json(), b""
    except WorkerEnded as ended:
        kind, said, packed = ENDED, {"message": str(ended)}, b""
    return json.dumps({"kind": kind, "said": said}).encode() + b"\n" + packed
