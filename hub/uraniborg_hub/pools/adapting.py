"""A pool's number of workers follows its load: more at once, fewer only after several looks that agree."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from uraniborg_hub.pools.backend import RunningPool
from uraniborg_hub.pools.errors import PoolError
from uraniborg_hub.pools.models import Bounds, PoolSpec

log = logging.getLogger(__name__)

LOOKS = 10
"""So many looks in a row have to want fewer workers; a pause between two steps of a computation is no end of it."""
PAUSE = 1.0
"""Seconds between two looks."""


class Adapted(Protocol):
    """What has a specification that others may replace at any time."""

    spec: PoolSpec


def target(wanted: int, desired: Sequence[int], bounds: Bounds, looks: int = LOOKS) -> int:
    """Give how many workers are to be wanted next, always within the bounds.

    Parameters
    ----------
    wanted
        How many are wanted now.
    desired
        How many the scheduler's load wanted at each look since the last step, the newest at the end.
    bounds
        How few and how many there may be.
    looks
        How many looks in a row have to want fewer; then so many stay as the most demanding of them wants.
    """
    now = bounds.within(wanted)
    recent = [bounds.within(number) for number in desired[-looks:]]
    if recent and recent[-1] > now:
        return recent[-1]
    return min(now, max(recent)) if len(recent) >= looks else now


async def follow(pool: Adapted, handle: RunningPool, pause: float = PAUSE) -> None:
    """Keep the workers at what the load wants while `pool.spec.adapt` is set, until cancelled.

    Only workers that compute nothing are taken away. `pool.spec` says the number that is wanted now; it may be replaced
    at any time, and a look that began before counts no more.
    """
    desired: deque[int] = deque(maxlen=LOOKS)
    while True:
        await asyncio.sleep(pause)
        spec = pool.spec
        try:
            answer = await handle.desired() if spec.adapt else 0
        except PoolError as error:
            log.debug("%s: %s", spec.name, error.message)
            continue
        if spec.adapt is None or pool.spec is not spec:
            desired.clear()
            continue
        desired.append(answer)
        number = target(spec.workers, list(desired), spec.adapt)
        if number != spec.workers:
            log.info("%s: from %d to %d workers", spec.name, spec.workers, number)
            desired.clear()
            pool.spec = replace(spec, workers=number)
        # Those that were busy when they were to go are asked again.
        if number != spec.workers or handle.ready > number:
            await handle.scale(number, idle_only=True)
