"""The process of one pool on this machine: scheduler, dashboard and nannies; workers are its children.

It speaks lines of JSON with the broker. The first line in is the order (`workers`, `threads`, `memory`,
`dashboard_path`, `idle_seconds`, `folder`), later ones `{"scale": n, "idle_only": false}`; the end of the input ends
the pool. Lines out: `{"running": {...}}` with addresses and PEMs, `{"ready": n}` workers, `{"ended": reason}`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from functools import partial
from typing import Any

import dask
from distributed import LocalCluster, Scheduler
from distributed.core import Status
from distributed.diagnostics.plugin import SchedulerPlugin
from distributed.security import Security

from uraniborg_hub.pools.shrinking import leaving
from uraniborg_hub.pools.talk import Lines

log = logging.getLogger(__name__)

CONFIGURATION = {
    # The method that `talk` has set already; named here, distributed would first import pandas in this process.
    "distributed.worker.multiprocessing-method": None,
    "distributed.scheduler.dashboard.bokeh-application.allow_websocket_origin": ["*"],
    "distributed.scheduler.http.routes": [
        *dask.config.get("distributed.scheduler.http.routes"),
        "uraniborg_hub.pools.scheduler_route",
    ],
    "distributed.admin.log-format": "%(levelname)s %(message)s",
}
PEM = {"ca": "tls_ca_file", "cert": "tls_client_cert", "key": "tls_client_key"}
"""Our names of the credentials, and those of distributed."""

# distributed has no types for these two.
local_cluster: Any = LocalCluster
temporary_security: Any = Security.temporary


class Watcher(SchedulerPlugin):
    """Tells the broker how many workers there are, at each change, and why the scheduler ends."""

    name = "uraniborg-watcher"

    def __init__(self, scheduler: Scheduler, say: Callable[..., None]) -> None:
        self.scheduler = scheduler
        self.say = say

    def add_worker(self, scheduler: Scheduler, worker: str) -> None:
        """Tell of one more."""
        self.say(ready=len(scheduler.workers))

    def remove_worker(self, scheduler: Scheduler, worker: str, **why: object) -> None:
        """Tell of one less."""
        self.say(ready=len(scheduler.workers))

    async def before_close(self) -> None:
        """Tell whether nobody used the pool, or its user ended it."""
        idle, limit = self.scheduler.idle_since, self.scheduler.idle_timeout
        self.say(ended="idle" if idle and limit and time.time() > idle + limit else "closed")


def make(order: dict[str, Any], security: Security) -> LocalCluster:
    """Give the cluster of an order, without workers yet."""
    cluster: LocalCluster = local_cluster(
        n_workers=0,
        threads_per_worker=order["threads"],
        memory_limit=order["memory"],
        host="127.0.0.1",
        security=security,
        dashboard_address="127.0.0.1:0",
        asynchronous=True,
        local_directory=order["folder"],
        scheduler_kwargs={"http_prefix": order["dashboard_path"], "idle_timeout": f"{order['idle_seconds']}s"},
    )
    return cluster


def running(scheduler: Scheduler, security: Security) -> dict[str, object]:
    """Say where the pool answers, and with which credentials."""
    server: Any = scheduler.http_server
    return {
        "scheduler": scheduler.address,
        "dashboard": f"http://127.0.0.1:{server.port}",
        "credentials": {name: getattr(security, attribute) for name, attribute in PEM.items()},
    }


async def scale(cluster: LocalCluster, workers: int, idle_only: bool) -> None:
    """Change the number of workers; results on those that leave are first moved to those that stay.

    LocalCluster.scale alone loses them: it hands names to `retire_workers` as if they were addresses
    (distributed 2026.8, deploy/spec.py, _correct_state_internal).
    """
    scheduler: Any = cluster.scheduler
    known = {state.name: state for state in scheduler.workers.values()}
    plan = leaving(list(cluster.worker_spec), known, workers)
    chosen = scheduler.workers_to_close(n=plan.retired, attribute="name") if plan.retired else []
    retired = [name for name in chosen if not (idle_only and known[name].processing)]
    if retired:
        await scheduler.retire_workers(names=retired, close_workers=False, remove=False)
    for name in (*plan.idle, *retired):
        cluster.worker_spec.pop(name, None)
    cluster.scale(max(workers, len(cluster.worker_spec)))


def obey(lines: Lines, run: Callable[[Coroutine[Any, Any, None]], Future[None]], cluster: LocalCluster) -> None:
    """Scale as the broker says, one order after another, until it closes its end; runs in a thread: reading waits."""
    for line in lines.source:
        order = json.loads(line)
        done = run(scale(cluster, order["scale"], order["idle_only"]))
        wait([done])
        if done.exception():
            log.error("Scaling failed: %r", done.exception())


async def serve(lines: Lines, order: dict[str, Any]) -> None:
    """Run the pool until the broker or the scheduler ends it."""
    loop = asyncio.get_running_loop()
    security = temporary_security()
    async with make(order, security) as cluster:
        scheduler: Scheduler = cluster.scheduler
        scheduler.add_plugin(Watcher(scheduler, lines.say))
        lines.say(running=running(scheduler, security))
        cluster.scale(order["workers"])
        obeying = loop.run_in_executor(None, obey, lines, partial(run_threadsafe, loop), cluster)
        ended = asyncio.create_task(scheduler.finished())
        await asyncio.wait((obeying, ended), return_when=asyncio.FIRST_COMPLETED)
        if scheduler.status is not Status.running:
            # It has told its workers to go; the tether ends those that linger, and the thread that reads.
            os._exit(0)


def run_threadsafe(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]) -> Future[None]:
    """Run work of this loop from another thread."""
    return asyncio.run_coroutine_threadsafe(work, loop)


def main(lines: Lines) -> None:
    """Take the order and run the pool; the tether ends whatever is left, so this process need not wait for threads."""
    order = json.loads(lines.source.readline())
    dask.config.set({**CONFIGURATION, "temporary-directory": order["folder"]})
    asyncio.run(serve(lines, order))
    lines.sink.flush()
    os._exit(0)
