"""A worker that starts before its scheduler."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from distributed import Scheduler, Worker

from uraniborg_hub.pools import prompt_join


async def test_a_worker_asks_until_its_scheduler_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the worst luck distributed's own twelfth wait would begin 20 s after the first."""
    waits = asyncio.Semaphore(0)

    def worst(_: float, longest: float) -> float:
        waits.release()
        return longest

    monkeypatch.setattr("distributed.comm.core.random.uniform", worst)
    with socket.socket() as refusing:
        refusing.bind(("127.0.0.1", 0))
        port = refusing.getsockname()[1]
        preload = [prompt_join.__name__]
        worker = Worker(f"tcp://127.0.0.1:{port}", dashboard=False, local_directory=str(tmp_path), preload=preload)
        starting = asyncio.ensure_future(worker.start())
        async with asyncio.timeout(10):
            for _ in range(12):
                await waits.acquire()
        assert not starting.done()
    async with Scheduler(host="127.0.0.1", port=port, dashboard=False) as scheduler:
        await asyncio.wait_for(starting, 20)
        assert [each.address for each in scheduler.workers.values()] == [worker.address]
        await worker.close()
