"""Jobs in warm worker processes of this machine: lent one job at a time, ended when they had no work for a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from uraniborg_portal.instruments.compute import Say
from uraniborg_portal.instruments.process import WorkerProcess
from uraniborg_portal.settings import Settings


class Workers:
    """Processes without work, and how to get one."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.idle: dict[WorkerProcess, asyncio.TimerHandle] = {}
        self.endings: set[asyncio.Task[None]] = set()

    async def run(self, task: Mapping[str, Any], folder: Path, say: Say) -> tuple[str, dict[str, Any]]:
        """Run a task in a process that waits, or a new one; see `Compute.run`."""
        async with self.lend() as worker:
            return await worker.run({**task, "folder": str(folder)}, say)

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[WorkerProcess]:
        """Give a process for one job; it is kept when the job ended well, and killed within a second otherwise."""
        worker = await self.take()
        try:
            yield worker
        except BaseException:
            await asyncio.shield(worker.kill())
            raise
        self.keep(worker)

    async def take(self) -> WorkerProcess:
        """Give a process that waits, or a new one."""
        while self.idle:
            worker, timer = self.idle.popitem()
            timer.cancel()
            if worker.process.returncode is None:
                return worker
        return await WorkerProcess.start(self.settings)

    def keep(self, worker: WorkerProcess) -> None:
        """Let a process wait for work, for `jobs.idle_seconds`."""
        loop = asyncio.get_running_loop()
        self.idle[worker] = loop.call_later(self.settings.jobs.idle_seconds, self.retire, worker)

    def retire(self, worker: WorkerProcess) -> None:
        """End a process that waited long enough."""
        if self.idle.pop(worker, None):
            ending = asyncio.create_task(worker.kill())
            self.endings.add(ending)
            ending.add_done_callback(self.endings.discard)

    async def warm(self, modules: Sequence[str]) -> None:
        """Start a process with these modules where none waits: somebody opened a form."""
        if not self.idle:
            self.keep(await WorkerProcess.start(self.settings, tuple(modules)))

    async def close(self) -> None:
        """End every process that waits."""
        waiting = list(self.idle)
        for timer in self.idle.values():
            timer.cancel()
        self.idle.clear()
        await asyncio.gather(*(worker.kill() for worker in waiting), *self.endings)
