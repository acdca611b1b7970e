"""One pool on the cluster: followed through its pods and its scheduler, never through its status."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from uraniborg_hub.pools.backend import IDLE, SHUT_DOWN
from uraniborg_hub.pools.dask_cluster import names, reasons, record
from uraniborg_hub.pools.dask_cluster.api import DASK_CLUSTERS, DEPLOYMENTS, EVENTS, SERVICES, Api, ApiError
from uraniborg_hub.pools.dask_cluster.removal import remove
from uraniborg_hub.pools.dask_cluster.scheduler import Scheduler
from uraniborg_hub.pools.errors import PoolFailed, Unavailable
from uraniborg_hub.pools.figures import Figures, look
from uraniborg_hub.pools.models import Access, Credentials, PoolSpec
from uraniborg_hub.pools.shrinking import leaving

log = logging.getLogger(__name__)

Json = dict[str, Any]
EAGER_PAUSE, CALM_PAUSE = 0.1, 2.0
"""Seconds between two looks at a scheduler while workers are coming, and otherwise."""
EAGER_SECONDS = 60.0
"""Workers are coming for so long after an order or a change of a pod."""
EXPLAIN_SECONDS = 3.0
"""Workers that have not come for so long get a reason, and a fresh one as often."""
IDLE_SECONDS = 10.0
"""How often a scheduler is asked whether it is idle, at most."""
RETRY_SECONDS = 1.0
SETTLE_SECONDS = 30.0
"""The operator has made the workers that were asked for after so long, or does not run."""
DELETED = "It was deleted in the cluster."
SCHEDULER_GONE = "The cluster took the pool's scheduler away, and its results with it. Make a new pool."


@dataclass(kw_only=True)
class Watched:
    """What is known of a pool's objects."""

    scheduler: Json | None = None
    workers: dict[str, Json] = field(default_factory=dict)
    """Pods of workers by name."""
    joined: frozenset[str] = frozenset()
    """Names of the workers that the scheduler knows."""

    @property
    def address(self) -> str | None:
        """The scheduler's HTTP, as soon as its pod has an address."""
        ip = ((self.scheduler or {}).get("status") or {}).get("podIP")
        return f"http://{bracketed(ip)}:{names.HTTP}" if ip else None

    def pod_of(self, worker: str) -> Json | None:
        """Give the pod of a worker's Deployment."""
        return next((pod for name, pod in self.workers.items() if name.startswith(f"{worker}-")), None)


def bracketed(host: str) -> str:
    """Give an address as URLs have it."""
    return f"[{host}]" if ":" in host else host


class ClusterPool:
    """One DaskCluster that is ours, from its making to its end.

    Parameters
    ----------
    spec, credentials
        What it is, and the client's way in.
    api, client
        The cluster's API, and the client that asks schedulers.
    """

    def __init__(self, spec: PoolSpec, credentials: Credentials, api: Api, client: httpx.AsyncClient) -> None:
        self.spec = spec
        self.waiting = ""
        self.gone = False
        self._credentials = credentials
        self._api = api
        self._client = client
        self._watched = Watched()
        self._wanted = self._replicas = spec.workers
        self._idle_only = False
        self._settles = time.monotonic() + SETTLE_SECONDS
        self._resize = asyncio.Event()
        self._wake = asyncio.Event()
        self._up = asyncio.Event()
        self._up_since = 0.0
        self._end: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._eager_until = time.monotonic() + EAGER_SECONDS
        self._explained = self._idle_asked = time.monotonic()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    @property
    def ready(self) -> int:
        """How many workers the scheduler knew at the last look."""
        return len(self._watched.joined)

    def begin(self) -> None:
        """Follow it from now on."""
        self._tasks = (asyncio.create_task(self._follow()), asyncio.create_task(self._resizing()))

    def saw_cluster(self, change: str, cluster: Json) -> None:
        """Note a change of the DaskCluster."""
        if change == "DELETED" or "deletionTimestamp" in cluster["metadata"]:
            self._finish(DELETED)

    def saw_pod(self, change: str, pod: Json) -> None:
        """Note a change of one of its pods."""
        self._eager_until = time.monotonic() + EAGER_SECONDS
        self._wake.set()
        if pod["metadata"]["labels"].get(names.COMPONENT) == "scheduler":
            self._saw_scheduler(change, pod)
        elif change == "DELETED":
            self._watched.workers.pop(pod["metadata"]["name"], None)
        else:
            self._watched.workers[pod["metadata"]["name"]] = pod

    async def access(self) -> Access:
        """Wait for the first worker, or with none wanted for the scheduler."""
        up = asyncio.create_task(self._up.wait())
        try:
            await asyncio.wait((up, self._end), return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.cancel()
        if self._end.done():
            raise PoolFailed(self._end.result())
        host = bracketed(await self._service_address())
        return Access(
            scheduler=f"tls://{host}:{names.COMM}",
            dashboard=f"http://{host}:{names.HTTP}",
            credentials=self._credentials,
        )

    async def ended(self) -> str:
        """Wait for its end, and give the reason."""
        return await asyncio.shield(self._end)

    async def scale(self, workers: int, *, idle_only: bool = False) -> None:
        """Have another number of workers; returns at once, the last number counts."""
        self._wanted, self._idle_only = workers, idle_only
        self._resize.set()

    async def desired(self) -> int:
        """Ask the scheduler's API."""
        try:
            return await self._scheduler().desired()
        except httpx.HTTPError as error:
            raise Unavailable(f"The scheduler of {self.spec.name} does not answer.", "Look again soon.") from error

    async def figures(self) -> Figures:
        """Ask the scheduler's pages."""
        return await look(self._client, f"{self._scheduler().url}{self.spec.dashboard_path}")

    async def keep(self, spec: PoolSpec) -> None:
        """Write it into the DaskCluster's annotation, as soon as its API answers."""
        self.spec = spec
        self._resize.set()

    async def stop(self) -> None:
        """Remove everything of it."""
        self.release()
        await remove(self._api, self.spec.name)
        self.gone = True

    def release(self) -> None:
        """Follow it no longer, and leave it as it is."""
        for task in self._tasks:
            task.cancel()
        self._end.cancel()

    async def _service_address(self) -> str:
        """Give the address of the scheduler's Service: it stays, and needs no name server."""
        while True:
            try:
                if service := await self._api.get(SERVICES, names.scheduler(self.spec.name)):
                    return str(service["spec"]["clusterIP"])
            except ApiError as error:
                log.warning("%s: the Service of its scheduler can't be read: %s", self.spec.name, error.message)
            await asyncio.sleep(RETRY_SECONDS)

    def _saw_scheduler(self, change: str, pod: Json) -> None:
        leaves = change == "DELETED" or "deletionTimestamp" in pod["metadata"]
        before = self._watched.scheduler
        another = before is not None and before["metadata"]["uid"] != pod["metadata"]["uid"]
        if leaves and another:
            return
        self._watched.scheduler = None if leaves else pod
        if self._up.is_set() and (leaves or another):
            self._break(SCHEDULER_GONE)
        elif not leaves and reasons.completed(pod):
            self._finish(SHUT_DOWN)
        elif not leaves and (broken := reasons.broken_scheduler(pod)):
            self._break(broken)

    def _finish(self, reason: str) -> None:
        if not self._end.done():
            self._end.set_result(reason)

    def _break(self, reason: str) -> None:
        if not self._end.done():
            self._end.set_exception(PoolFailed(reason))

    async def _follow(self) -> None:
        while not self._end.done():
            self._wake.clear()
            try:
                await self._look()
            except (ApiError, httpx.HTTPError) as error:
                log.debug("%s: %r", self.spec.name, error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait() if self._calm else asyncio.sleep(EAGER_PAUSE), CALM_PAUSE)

    @property
    def _calm(self) -> bool:
        return self.ready == self._wanted or time.monotonic() > self._eager_until

    async def _look(self) -> None:
        if time.monotonic() > self._explained + EXPLAIN_SECONDS:
            self._explained = time.monotonic()
            self.waiting = await self._why() if self.ready < self._wanted else ""
        if self._watched.address is None:
            return
        scheduler = self._scheduler()
        self._watched.joined = await scheduler.workers()
        if (self._watched.joined or not self._wanted) and not self._up.is_set():
            self._up_since = time.time()
            self._up.set()
        if self._up.is_set() and time.monotonic() > self._idle_asked + min(IDLE_SECONDS, self.spec.idle_seconds / 4):
            self._idle_asked = time.monotonic()
            since = await scheduler.idle_since()
            # A scheduler counts from its own start, as if waiting for workers were idleness.
            if since and time.time() > max(since, self._up_since) + self.spec.idle_seconds:
                self._finish(IDLE)

    def _scheduler(self) -> Scheduler:
        if self._watched.address is None:
            raise Unavailable(f"The scheduler of {self.spec.name} is not there yet.", "Look again in a moment.")
        return Scheduler(self._client, self._watched.address, self.spec.dashboard_path)

    async def _why(self) -> str:
        warnings, _ = await self._api.list(EVENTS, fields="type=Warning")
        if self._watched.address is None:
            pod = self._watched.scheduler or {"metadata": {"name": self.spec.name}}
            return reasons.pending_scheduler(pod, warnings)
        workers = await self._deployments()
        missing = {name: self._watched.pod_of(name) for name in workers if name not in self._watched.joined}
        known = reasons.waiting(missing, warnings)
        return known or (reasons.unmade(self._wanted - len(workers)) if len(workers) < self._wanted else "")

    async def _deployments(self) -> list[str]:
        """Give the names of the workers that were made, oldest first."""
        chosen = f"{names.CLUSTER}={self.spec.name},{names.COMPONENT}=worker"
        items, _ = await self._api.list(DEPLOYMENTS, chosen)
        items.sort(key=lambda item: str(item["metadata"]["creationTimestamp"]))
        return [item["metadata"]["name"] for item in items]

    async def _resizing(self) -> None:
        """Do each order to resize once the pool is up, again after RETRY_SECONDS when it did not work out."""
        await self._up.wait()
        while True:
            await self._resize.wait()
            self._resize.clear()
            try:
                done = await self._to(self._wanted, idle_only=self._idle_only)
            except (ApiError, httpx.HTTPError) as error:
                log.warning("%s can't be resized now: %r", self.spec.name, error)
                done = False
            self._eager_until = time.monotonic() + EAGER_SECONDS
            self._wake.set()
            if not done:
                await asyncio.sleep(RETRY_SECONDS)
                self._resize.set()

    async def _to(self, wanted: int, *, idle_only: bool) -> bool:
        """Make the pool larger, or smaller without loss; whether that is done, as far as others are idle.

        Workers go by our hand, not the operator's: it would remove any, full ones included, where it can't ask the
        scheduler (dask_kubernetes 2026.3, controller.py, retire_workers). It never sees more workers than replicas.
        """
        workers = await self._deployments()
        unmade = len(workers) < self._replicas and time.monotonic() < self._settles
        if unmade and wanted < self._replicas:
            return False
        gone: set[str] = set()
        if len(workers) > wanted and self._watched.address:
            scheduler = self._scheduler()
            known = await scheduler.workers()
            plan = leaving(workers, known, wanted)
            # The scheduler's own target counts every worker that computes.
            spare = len(known) - await scheduler.desired() if idle_only else plan.retired
            number = min(plan.retired, spare)
            retired = await scheduler.retire(number) if number > 0 else ()
            gone = {*plan.idle, *retired} & set(workers)
            await asyncio.gather(*(self._api.delete(DEPLOYMENTS, name) for name in gone))
        number = max(wanted, len(workers) - len(gone))
        note = {"annotations": {names.RECORD: record.written(self.spec)}}
        change = {"metadata": note, "spec": {"worker": {"replicas": number}}}
        await self._api.patch(DASK_CLUSTERS, self.spec.name, change)
        self._replicas, self._settles = number, time.monotonic() + SETTLE_SECONDS
        return number == wanted or idle_only
