"""Makes pools as DaskClusters, keeps those of an earlier broker, and sweeps up what was left behind."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

import httpx

from uraniborg_hub.pools.backend import RunningPool
from uraniborg_hub.pools.compute_settings import ComputeSettings
from uraniborg_hub.pools.dask_cluster import certificates, manifest, names, record, standing
from uraniborg_hub.pools.dask_cluster.api import (
    DASK_CLUSTERS,
    DEPLOYMENTS,
    PODS,
    POLICIES,
    SECRETS,
    WORKER_GROUPS,
    Api,
    ApiError,
    Kind,
    connect,
    follow,
)
from uraniborg_hub.pools.dask_cluster.lab_pod import LabPod, choose, read
from uraniborg_hub.pools.dask_cluster.policies import policies
from uraniborg_hub.pools.dask_cluster.pool import ClusterPool
from uraniborg_hub.pools.dask_cluster.removal import remove
from uraniborg_hub.pools.dask_cluster.settings import ClusterSettings
from uraniborg_hub.pools.errors import PoolFailed
from uraniborg_hub.pools.models import PoolSpec

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Connections:
    """What the back end speaks through, once it runs."""

    api: Api
    client: httpx.AsyncClient


class DaskClusterBackend:
    """Makes pools on a cluster; they outlive the broker.

    `existing` has to be called first: it connects.
    """

    def __init__(self, settings: ClusterSettings, compute: ComputeSettings | None = None) -> None:
        self._settings = settings
        self._compute = compute
        self._pools: dict[str, ClusterPool] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._connected: Connections | None = None

    @property
    def _by(self) -> Connections:
        if self._connected is None:
            raise PoolFailed("The broker has no connection to the cluster yet.")
        return self._connected

    async def start(self, spec: PoolSpec) -> RunningPool:
        """Make a pool's objects, for the lab that asks or for the jobs of a service."""
        api = self._by.api
        lab, settings = await self._made_from(spec)
        pems = await asyncio.to_thread(certificates.make, spec.name)
        data = certificates.secret_data(pems)
        pool = self._pools[spec.name] = ClusterPool(spec, certificates.client(data), api, self._by.client)
        try:
            await self._make(spec, lab, settings, pems)
        except ApiError as error:
            await pool.stop()
            raise PoolFailed(error.message) from error
        pool.begin()
        return pool

    async def existing(self) -> list[tuple[PoolSpec, RunningPool]]:
        """Connect, and give the pools that an earlier broker made; remove what is none any more."""
        api = await connect(self._settings.namespace)
        self._connected = Connections(api=api, client=httpx.AsyncClient(trust_env=False, timeout=10))
        clusters, _ = await api.list(DASK_CLUSTERS, names.OWNER)
        kept: list[tuple[PoolSpec, RunningPool]] = []
        for cluster in clusters:
            spec = None if "deletionTimestamp" in cluster["metadata"] else record.read(cluster)
            secret = await api.get(SECRETS, names.secret(spec.name)) if spec else None
            if spec is None or secret is None:
                self._tasks.append(asyncio.create_task(remove(api, cluster["metadata"]["name"])))
                continue
            pool = ClusterPool(spec, certificates.client(secret["data"]), api, self._by.client)
            self._pools[spec.name] = pool
            pool.begin()
            kept.append((spec, pool))
        watches = (self._watch(PODS), self._watch(DASK_CLUSTERS), self._sweeping())
        self._tasks += [asyncio.create_task(work) for work in watches]
        return kept

    async def close(self) -> None:
        """Let go of the pools, which run on."""
        for pool in self._pools.values():
            pool.release()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._connected is not None:
            await self._connected.client.aclose()
            await self._connected.api.close()

    async def _made_from(self, spec: PoolSpec) -> tuple[LabPod, ClusterSettings]:
        if spec.standing and self._compute:
            return standing.template(self._compute), standing.settings(self._compute, self._settings)
        try:
            chosen = ",".join(f"{name}={value}" for name, value in self._settings.lab_labels.items())
            pods, _ = await self._by.api.list(PODS, chosen)
        except ApiError as error:
            raise PoolFailed(error.message) from error
        return read(choose(pods, spec.owner, spec.lab)), self._settings

    async def _make(self, spec: PoolSpec, lab: LabPod, settings: ClusterSettings, pems: dict[str, str]) -> None:
        """Make what pods need before they come, then the DaskCluster."""
        api = self._by.api
        await asyncio.gather(
            api.create(SECRETS, manifest.secret(spec, lab, pems, settings)),
            *(api.create(POLICIES, policy) for policy in policies(spec, lab, settings)),
        )
        await api.create(DASK_CLUSTERS, manifest.cluster(spec, lab, settings))

    async def _watch(self, kind: Kind) -> None:
        async for change, item in follow(self._by.api, kind, names.OWNER):
            pool = self._pools.get(item["metadata"]["labels"].get(names.CLUSTER, ""))
            if pool is not None and kind is PODS:
                pool.saw_pod(change, item)
            elif pool is not None:
                pool.saw_cluster(change, item)

    async def _sweeping(self) -> None:
        while True:
            await asyncio.sleep(self._settings.sweep_seconds)
            try:
                await self.sweep()
            except ApiError as error:
                log.warning("What pools left behind can't be looked for now: %s", error.message)

    async def sweep(self) -> None:
        """Remove what belongs to no pool: a pool that was ended while the operator was making it leaves some."""
        self._pools = {name: pool for name, pool in self._pools.items() if not pool.gone}
        found: set[str] = set()
        for kind in (WORKER_GROUPS, DEPLOYMENTS, POLICIES, DASK_CLUSTERS):
            items, _ = await self._by.api.list(kind, names.OWNER)
            marked = {item["metadata"]["labels"].get(names.CLUSTER, "") for item in items}
            living = {item["metadata"]["name"] for item in items if "deletionTimestamp" not in item["metadata"]}
            found = (found | marked) - (living if kind is DASK_CLUSTERS else set())
        lost = found - set(self._pools) - {""}
        await asyncio.gather(*(remove(self._by.api, name) for name in lost))
