"""A pool dies with the lab that it was made in."""

from __future__ import annotations

import asyncio
import logging

from uraniborg_hub.pools.hub_api import HubAPI, HubUnreachable, Lab
from uraniborg_hub.pools.lives import Pool, Pools
from uraniborg_hub.pools.models import State

log = logging.getLogger(__name__)

MISSES = 2
"""Times in a row that the labs must be gone: one answer may come in the middle of a hub's restart."""
REASON = "The lab that it was made in has stopped."


def lab_is_gone(born: frozenset[Lab] | None, now: frozenset[Lab]) -> bool:
    """Whether a pool's labs have all ended; one that was made from outside of any lab has none to lose.

    A lab that was stopped and started again is another: the notebook that knew the pool is gone.
    """
    return bool(born) and not (born or frozenset()) & now


def look(pool: Pool, now: frozenset[Lab]) -> bool:
    """Note what the hub said about the owner's labs; whether the pool has to end."""
    if pool.labs is None:
        pool.labs = now
    pool.missed = pool.missed + 1 if lab_is_gone(pool.labs, now) else 0
    return pool.missed >= MISSES


async def round_of(pools: Pools, hub: HubAPI) -> None:
    """Ask once about every owner, and end the pools whose labs are gone; with the hub down, keep all."""
    living = [pool for pool in pools.all() if pool.state in (State.STARTING, State.RUNNING)]
    for owner in {pool.spec.owner for pool in living}:
        try:
            now = await hub.labs_of(owner)
        except HubUnreachable:
            log.info("The hub does not say whether labs of %s run; their pools are kept.", owner)
            continue
        lost = [pool for pool in living if pool.spec.owner == owner and look(pool, now)]
        await asyncio.gather(*(pools.end(pool, REASON) for pool in lost))


async def follow(pools: Pools, hub: HubAPI, seconds: float) -> None:
    """Ask again and again, until cancelled."""
    while True:
        await round_of(pools, hub)
        await asyncio.sleep(seconds)
