"""A worker that joins as soon as its scheduler answers; a preload of `dask worker`.

Scheduler and workers of a pool start together, and a worker that is there first has to ask again. `distributed`
waits between tries for a random time up to 0.01 s * 2^n (`distributed.comm.core.connect`), so that a scheduler
that takes 5 s may be joined as much as 10 s after that. Here tries are made anew before their waits get that long.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from distributed.comm.core import FatalCommClosedError, connect

if TYPE_CHECKING:
    from distributed import Worker

PATIENCE = 30.0
"""Seconds after which `distributed` goes on in its own way, and tells of it."""
TRY = 1.0
"""Seconds for one series of tries, and so the longest wait between two."""


async def dask_setup(worker: Worker) -> None:
    """Return once the worker's scheduler answers, or is beyond waiting for."""
    end = monotonic() + PATIENCE
    while monotonic() < end:
        try:
            comm = await connect(worker.scheduler.address, timeout=TRY, **worker.connection_args)
        except FatalCommClosedError:
            return
        except OSError:
            continue
        await comm.close()
        return
