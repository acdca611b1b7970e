"""The pools that there are: their states from the order to the end, and why each ended."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from uraniborg_hub.pools.adapting import follow
from uraniborg_hub.pools.backend import Backend, RunningPool
from uraniborg_hub.pools.errors import Conflict, PoolFailed
from uraniborg_hub.pools.hub_api import Lab
from uraniborg_hub.pools.limits import Use, plan, plan_scale
from uraniborg_hub.pools.models import Access, PoolSpec, State
from uraniborg_hub.pools.settings import PoolLimits

REMEMBERED = 200
"""Ended pools whose reason is still told."""
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_name(owner: str) -> str:
    """Give a new pool's name: the owner's name as far as it is plain, and random letters that nobody guesses.

    It begins with a letter, as the name of a Kubernetes Service must.
    """
    plain = re.sub(r"[^a-z0-9]+", "-", owner.lower()).lstrip("-0123456789")[:24].strip("-") or "pool"
    return f"{plain}-{''.join(secrets.choice(ALPHABET) for _ in range(8))}"


@dataclass(kw_only=True, eq=False)
class Pool:
    """One pool and what happens to it."""

    spec: PoolSpec
    state: State = State.STARTING
    reason: str = ""
    """Why it stops or has failed, in a sentence."""
    created: float = field(default_factory=time.time)
    access: Access | None = None
    handle: RunningPool | None = None
    labs: frozenset[Lab] | None = None
    """The owner's labs when it was made; None while the hub has not told."""
    missed: int = 0
    """How often in a row the hub said that none of these labs runs."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the back end has answered the order."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    life: asyncio.Task[None] | None = None

    @property
    def ready(self) -> int:
        """Workers that the scheduler knows."""
        return self.handle.ready if self.handle and self.state is State.RUNNING else 0

    @property
    def waiting(self) -> str:
        """Why workers are not there yet, in a sentence, as far as it is known."""
        return self.handle.waiting if self.handle and self.state in (State.STARTING, State.RUNNING) else ""

    def becomes(self, state: State, reason: str = "") -> None:
        """Change the state and wake who waits for it."""
        self.state, self.reason = state, reason
        self.changed.set()
        self.changed = asyncio.Event()


class Pools:
    """All pools of this broker."""

    def __init__(self, backend: Backend, limits: PoolLimits, prefix: str) -> None:
        self.limits = limits
        self._backend = backend
        self._prefix = prefix
        self._pools: dict[str, Pool] = {}
        self._ended: OrderedDict[str, tuple[str, str]] = OrderedDict()

    def all(self) -> list[Pool]:
        """Give every pool, oldest first."""
        return list(self._pools.values())

    def find(self, name: str) -> Pool | None:
        """Give the pool of this name."""
        return self._pools.get(name)

    def why_ended(self, name: str, owner: str) -> str | None:
        """Give the reason why a pool of this owner ended, as long as it is remembered."""
        whose, reason = self._ended.get(name, ("", ""))
        return reason if whose == owner else None

    def create(self, owner: str, given: Mapping[str, object], lab: str | None = None) -> Pool:
        """Order a pool within the limits, for a lab of the owner; it is starting when this returns.

        Raises
        ------
        BadParameter, TooMany
            The limits refuse it.
        """
        size = plan(given, owner, self._uses(), self.limits)
        name = new_name(owner)
        spec = PoolSpec(
            name=name,
            owner=owner,
            workers=size.workers,
            adapt=size.adapt,
            threads=size.threads,
            memory=size.memory,
            dashboard_path=f"{self._prefix}{name}",
            idle_seconds=self.limits.idle_seconds,
            lab=lab,
        )
        pool = self._pools[name] = Pool(spec=spec)
        pool.life = asyncio.create_task(self._live(pool))
        return pool

    async def scale(self, pool: Pool, given: Mapping[str, object]) -> None:
        """Set the number of workers, or bounds for it, within the limits.

        Raises
        ------
        BadParameter, TooMany
            The limits refuse it.
        Conflict
            The pool ends.
        """
        scaled = plan_scale(given, pool.spec, self._uses(but=pool), self.limits)
        if pool.state not in (State.STARTING, State.RUNNING):
            raise Conflict(f"The pool {pool.spec.name} is {pool.state}; a running one is accepted.", "Make a new one.")
        pool.spec = scaled
        await pool.asked.wait()
        if pool.handle is not None:
            await pool.handle.keep(pool.spec)
            await pool.handle.scale(pool.spec.workers)

    async def end(self, pool: Pool, reason: str) -> None:
        """End a pool; nothing of it runs when this returns."""
        if pool.state is State.STOPPING:
            await pool.gone.wait()
            return
        pool.becomes(State.STOPPING, reason)
        await pool.asked.wait()
        if pool.life is not None:
            pool.life.cancel()
        await self._bury(pool, reason)

    async def close(self) -> None:
        """Let go of every pool, at the broker's own end."""
        lives = [pool.life for pool in self.all() if pool.life is not None]
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
        await self._backend.close()

    async def keep_existing(self) -> list[tuple[PoolSpec, RunningPool]]:
        """Take over the pools that outlived an earlier broker; give those that are no user's."""
        existing = await self._backend.existing()
        for spec, handle in (found for found in existing if found[0].standing is None):
            pool = self._pools[spec.name] = Pool(spec=spec, handle=handle)
            pool.asked.set()
            pool.life = asyncio.create_task(self._live(pool))
        return [found for found in existing if found[0].standing is not None]

    async def _live(self, pool: Pool) -> None:
        try:
            reason = await self._run(pool)
        except PoolFailed as failure:
            await self._fail(pool, failure.message)
        except TimeoutError:
            why = f"No worker came within {self.limits.start_seconds:g} seconds. {pool.waiting}"
            await self._fail(pool, why.strip())
        else:
            pool.becomes(State.STOPPING, reason)
            await self._bury(pool, reason)

    async def _run(self, pool: Pool) -> str:
        try:
            handle = pool.handle = pool.handle or await self._backend.start(pool.spec)
        finally:
            pool.asked.set()
        async with asyncio.timeout(self.limits.start_seconds):
            pool.access = await handle.access()
        pool.becomes(State.RUNNING)
        adapting = asyncio.create_task(follow(pool, handle))
        try:
            return await handle.ended()
        finally:
            adapting.cancel()

    async def _fail(self, pool: Pool, reason: str) -> None:
        pool.access = None
        if pool.handle is not None:
            await pool.handle.stop()
        pool.becomes(State.FAILED, reason)
        await asyncio.sleep(self.limits.failed_seconds)
        await self._bury(pool, reason)

    async def _bury(self, pool: Pool, reason: str) -> None:
        if pool.handle is not None:
            await pool.handle.stop()
        self._pools.pop(pool.spec.name, None)
        self._ended[pool.spec.name] = (pool.spec.owner, reason)
        if len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)
        pool.gone.set()
        pool.changed.set()

    def _uses(self, but: Pool | None = None) -> list[Use]:
        living = (pool for pool in self.all() if pool is not but and pool.state is not State.FAILED)
        return [Use(owner=pool.spec.owner, workers=pool.spec.reach) for pool in living]
