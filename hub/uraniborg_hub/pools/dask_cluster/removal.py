"""Removing what there is of a pool, whether the operator runs or not."""

from __future__ import annotations

import asyncio
import logging

from uraniborg_hub.pools.dask_cluster import names
from uraniborg_hub.pools.dask_cluster.api import (
    DASK_CLUSTERS,
    DEPLOYMENTS,
    NOT_FOUND,
    PODS,
    POLICIES,
    SECRETS,
    SERVICES,
    WORKER_GROUPS,
    Api,
    ApiError,
)

log = logging.getLogger(__name__)

PAUSE = 0.2
LONGEST_PAUSE = 3.0


async def remove(api: Api, pool: str) -> None:
    """Remove every object of a pool, and return when none is left; an API that does not answer is asked again."""
    pause = PAUSE
    while True:
        try:
            if not await _round(api, pool):
                return
        except ApiError as error:
            log.warning("%s can't be removed now: %s", pool, error.message)
        await asyncio.sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 1.2)


async def _round(api: Api, pool: str) -> bool:
    """Ask once for the end of everything; whether something was still there. The policies stay as long as a pod."""
    await api.delete(DASK_CLUSTERS, pool)
    await _release(api, pool)
    chosen = f"{names.CLUSTER}={pool}"
    left = await api.get(SERVICES, names.scheduler(pool)) is not None
    for kind in (WORKER_GROUPS, DEPLOYMENTS):
        items, _ = await api.list(kind, chosen)
        await asyncio.gather(*(api.delete(kind, item["metadata"]["name"]) for item in items))
        left = left or bool(items)
    pods, _ = await api.list(PODS, chosen)
    if left or pods:
        return True
    await api.delete(SECRETS, names.secret(pool))
    await asyncio.gather(*(api.delete(POLICIES, name) for name in names.policies(pool)))
    return False


async def _release(api: Api, pool: str) -> None:
    """Take off the finalizer of the operator's timers, which only a running operator would."""
    try:
        await api.patch(DASK_CLUSTERS, pool, {"metadata": {"finalizers": None}})
    except ApiError as error:
        if error.status != NOT_FOUND:
            raise
