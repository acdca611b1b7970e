"""Where the units of a stage run: in this process, in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait as wait_for
from typing import Protocol, TypeVar

from uraniborg_portal.errors import Unavailable

Task = TypeVar("Task")
Result = TypeVar("Result")
AHEAD = 2
"""Tasks that are handed out for each worker at once."""


class Run(Protocol):
    """Gives the results of a function for each task, in any order; both are plain values."""

    def __call__(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """Run the tasks."""


def here(function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
    """Run tasks in this process, one after the other."""
    return map(function, tasks)


@contextmanager
def processes(workers: int) -> Iterator[Run]:
    """Run tasks in processes of their own, which end with this one, however it ends."""
    # A forked process would hold the ingest's lock, and whatever locks of threads were held when it was forked.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin) as pool:
        try:
            yield _Pool(pool, workers)
        except BrokenProcessPool as error:
            raise Unavailable(
                "A process of the ingest was killed; it may have been short of memory. What is finished is kept.",
                "Go on with --resume, and fewer --workers.",
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def dask(address: str) -> Iterator[Run]:
    """Run tasks on the workers of a Dask cluster, which see the same folders as this process."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        yield _Pool(client.get_executor(pure=False), sum(client.nthreads().values()))


class _Pool:
    def __init__(self, pool: Executor, workers: int) -> None:
        self.pool = pool
        self.workers = max(1, workers)

    def __call__(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        waiting, left = set(), iter(tasks)
        for task in left:
            waiting.add(self.pool.submit(function, task))
            if len(waiting) >= AHEAD * self.workers:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (each.result() for each in done)
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (each.result() for each in done)


def _begin() -> None:
    """Prepare a worker process: one thread each, and an end when the parent ends."""
    import pyarrow as pa

    pa.set_cpu_count(1)
    os.environ["RAYON_NUM_THREADS"] = "1"
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)
