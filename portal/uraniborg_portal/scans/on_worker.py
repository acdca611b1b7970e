"""What a worker of the cluster does for long queries: it answers their steps, each in a sandboxed process.

Workers start with `--preload uraniborg_portal.scans.on_worker` and the portal's own image. A step ends within a moment
when nobody wants it any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from distributed import Scheduler, Worker, WorkerPlugin, get_worker

from uraniborg_portal.cluster.wanted import wanted, while_wanted
from uraniborg_portal.engine.arrow import read_table
from uraniborg_portal.engine.current import CurrentWorkers
from uraniborg_portal.errors import PortalError
from uraniborg_portal.scans.messages import read_order, written_answer

PLUGIN = "uraniborg-scans"


class Scanners(WorkerPlugin):
    """The query workers of a worker."""

    name = PLUGIN

    def __init__(self) -> None:
        self.workers = CurrentWorkers()

    async def teardown(self, worker: Worker) -> None:
        """End them with the worker."""
        self.workers.close()


async def dask_setup(worker: Worker | Scheduler) -> None:
    """Give a worker its query workers; called by distributed where it starts with this module, in a scheduler too."""
    if isinstance(worker, Worker):
        await worker.plugin_add(Scanners(), name=PLUGIN)


async def run(key: str, order: str, tables: Mapping[str, bytes]) -> bytes:
    """Answer one step, as `written_answer` has it.

    Parameters
    ----------
    key
        The task's own.
    order
        As `written_order` has it.
    tables
        Tables that the step may name, as Arrow.
    """
    worker = get_worker()
    workers = cast(Scanners, worker.plugins[PLUGIN]).workers
    doing = asyncio.create_task(do(workers, order, tables, Path(worker.local_directory) / "queries"))
    return await while_wanted(doing, lambda: wanted(worker, key))


async def do(workers: CurrentWorkers, order: str, tables: Mapping[str, bytes], spill: Path) -> bytes:
    """Answer a step; cancelling ends its process."""
    step, told, allowance = read_order(order, spill)

    def answer() -> bytes:
        try:
            given = {name: read_table(content) for name, content in tables.items()}
            return written_answer(workers.of(told).step(step, given, allowance))
        except PortalError as error:
            return written_answer(error)

    try:
        return await asyncio.to_thread(answer)
    except asyncio.CancelledError:
        allowance.stop.ask()
        raise
