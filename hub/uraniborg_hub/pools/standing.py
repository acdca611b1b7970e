"""The pool that stands for a service's jobs: there is always one, whatever happens to it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from dataclasses import replace

from uraniborg_hub.pools import adapting
from uraniborg_hub.pools.backend import Backend, RunningPool
from uraniborg_hub.pools.compute_settings import ComputeSettings
from uraniborg_hub.pools.dask_cluster.certificates import days_left
from uraniborg_hub.pools.errors import PoolError, Unavailable
from uraniborg_hub.pools.glances import Glances
from uraniborg_hub.pools.lives import Pool, new_name
from uraniborg_hub.pools.models import Access, Bounds, PoolSpec, State

log = logging.getLogger(__name__)

Found = tuple[PoolSpec, RunningPool]
PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before the next try; twice as many after each that failed before it answered."""
NEVER = 100 * 365 * 86_400.0
"""It is not ended for idleness, seconds."""
RENEW_DAYS = 30
"""Its certificates are renewed, with the pool, so long before they end."""
STARTING = "The portal's workers are being started."


class Standing:
    """Keeps one pool as the settings say, from now until cancelled; none where they say nothing.

    The pool outlives the broker. One that fails, or was made from other settings, is removed and made anew; jobs that
    were there find out that their scheduler is gone. Workers come and go between the bounds; only idle ones go.
    """

    def __init__(self, backend: Backend, compute: ComputeSettings | None, prefix: str) -> None:
        self.compute = compute
        self.spec = wanted(compute, prefix) if compute else None
        self.up: Access | None = None
        self.reason = STARTING
        self._backend = backend
        self._prefix = prefix
        self._handle: RunningPool | None = None
        self._changed = asyncio.Event()
        self._glances = Glances()

    def shown(self) -> Pool | None:
        """Give it as a pool to look at, without the way in; None where none is kept."""
        if self.spec is None:
            return None
        state, reason = (State.RUNNING, "") if self.up else (State.STARTING, self.reason)
        return Pool(spec=self.spec, state=state, reason=reason, handle=self._handle, glances=self._glances)

    async def access(self, seconds: float) -> Access:
        """Say where it answers; wait so long for that.

        Raises
        ------
        Unavailable
            It does not answer now; the message says why.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.up is None:
                    await self._changed.wait()
        if self.up is None:
            why = (self._handle.waiting if self._handle else "") or self.reason
            raise Unavailable(why, "Run it again in a minute; tell whoever runs this platform if it stays so.")
        return self.up

    async def keep(self, found: Iterable[Found]) -> None:
        """Take over what outlived an earlier broker, and have one pool from now on, until cancelled."""
        mine = await self._sorted(found)
        pause = PAUSE
        while self.compute:
            try:
                self.spec, self._handle = mine or await self._made(self.compute)
                await self._live(self.spec, self._handle)
            except PoolError as failure:
                self._down(failure.message)
            pause = PAUSE if self.up else min(LONGEST_PAUSE, 2 * pause)
            self.up = mine = None
            if self._handle:
                await self._handle.stop()
                self._handle = None
            await asyncio.sleep(pause)

    async def _sorted(self, found: Iterable[Found]) -> Found | None:
        """Give the pool that is as the settings say, and remove all others."""
        mine: Found | None = None
        for spec, handle in found:
            if mine is None and self.compute and self.spec and spec.standing == self.spec.standing:
                mine = replace(spec, adapt=self.spec.adapt), handle
                await handle.keep(mine[0])
            else:
                log.info("%s was made from other settings: it is removed", spec.name)
                await handle.stop()
        return mine

    async def _made(self, compute: ComputeSettings) -> Found:
        spec = wanted(compute, self._prefix)
        log.info("%s: a pool for the jobs of %s", spec.name, spec.owner)
        return spec, await self._backend.start(spec)

    async def _live(self, spec: PoolSpec, handle: RunningPool) -> None:
        self.up = await handle.access()
        self._changed.set()
        self._changed = asyncio.Event()
        following = asyncio.create_task(adapting.follow(Followed(spec), handle))
        days = days_left(self.up.credentials.cert) - RENEW_DAYS
        try:
            self._down(await asyncio.wait_for(handle.ended(), max(1.0, days * 86_400)))
        except TimeoutError:
            self._down("Its certificates are renewed.")
        finally:
            following.cancel()

    def _down(self, reason: str) -> None:
        log.warning("The pool of %s ended: %s", self.spec.owner if self.spec else "a service", reason)
        self.reason = f"The portal's workers are started anew. {reason}"


class Followed:
    """A specification that follows the load."""

    def __init__(self, spec: PoolSpec) -> None:
        self.spec = spec


def wanted(compute: ComputeSettings, prefix: str) -> PoolSpec:
    """Give a pool as the settings want it, with a name of its own."""
    name = new_name(f"{compute.service}-jobs")
    return PoolSpec(
        name=name,
        owner=compute.service,
        workers=compute.minimum,
        adapt=Bounds(minimum=compute.minimum, maximum=compute.maximum),
        threads=compute.threads,
        memory=compute.memory,
        dashboard_path=f"{prefix}{name}",
        idle_seconds=NEVER,
        standing=compute.fingerprint,
    )
