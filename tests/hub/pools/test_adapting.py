"""How many workers a load is given: up at once, down after looks that agree, never outside the bounds."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_hub.pools.adapting import LOOKS, follow, target
from uraniborg_hub.pools.backend import RunningPool
from uraniborg_hub.pools.errors import Unavailable
from uraniborg_hub.pools.figures import Figures
from uraniborg_hub.pools.models import Access, Bounds, PoolSpec

NUMBERS = st.integers(0, 50)
BOUNDS = st.tuples(NUMBERS, NUMBERS).map(lambda pair: Bounds(minimum=min(pair), maximum=max(pair)))
SPEC = PoolSpec(
    name="a", owner="tycho", workers=0, threads=1, memory=1, dashboard_path="/a", idle_seconds=1,
    adapt=Bounds(minimum=0, maximum=4),
)  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "desired", "expected"),
    [
        (0, [], 1),
        (9, [], 8),
        (2, [5], 5),
        (2, [100], 8),
        (5, [2, 2], 5),
        (5, [2, 2, 2], 2),
        (5, [2, 3, 1], 3),
        (5, [2, 5, 2], 5),
        (5, [9, 2, 2, 2], 2),
        (5, [0, 0, 0], 1),
        (5, [0, 0, 6], 6),
    ],
)
def test_what_is_wanted_next(wanted: int, desired: list[int], expected: int) -> None:
    assert target(wanted, desired, Bounds(minimum=1, maximum=8), looks=3) == expected


@given(NUMBERS, st.lists(NUMBERS, max_size=8), BOUNDS, st.integers(1, 5))
def test_it_stays_within_bounds_and_goes_down_only_when_all_looks_agree(
    wanted: int, desired: list[int], bounds: Bounds, looks: int
) -> None:
    number = target(wanted, desired, bounds, looks)
    assert bounds.minimum <= number <= bounds.maximum
    if desired:
        assert number >= min(desired[-1], bounds.maximum)
    if number < bounds.within(wanted):
        assert len(desired) >= looks and all(min(look, bounds.maximum) <= number for look in desired[-looks:])


@given(NUMBERS, NUMBERS, BOUNDS)
def test_the_same_answer_again_and_again_is_what_is_wanted_at_last(wanted: int, load: int, bounds: Bounds) -> None:
    assert target(wanted, [load] * LOOKS, bounds) == bounds.within(load)


@dataclass(kw_only=True)
class Handle(RunningPool):
    """A pool whose load a test sets."""

    loads: list[int | None]
    changed: Callable[[], None] = lambda: None
    ready: int = 0
    waiting: str = ""
    scaled: list[tuple[int, bool]] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def desired(self) -> int:
        if not self.loads:
            self.over.set()
            await asyncio.Event().wait()
        load = self.loads.pop(0)
        self.changed()
        if load is None:
            raise Unavailable("It does not answer.")
        return load

    async def scale(self, workers: int, *, idle_only: bool = False) -> None:
        self.scaled.append((workers, idle_only))
        self.ready = workers

    async def figures(self) -> Figures:
        raise Unavailable("It does not answer.")

    async def access(self) -> Access:
        raise Unavailable("It does not answer.")

    async def ended(self) -> str:
        return ""

    async def keep(self, spec: PoolSpec) -> None: ...

    async def stop(self) -> None: ...


@dataclass
class Held:
    """What has a specification."""

    spec: PoolSpec


async def scaled(handle: Handle, held: Held) -> list[tuple[int, bool]]:
    """What the loop asks for until the loads are over."""
    following = asyncio.create_task(follow(held, handle, pause=0))
    await asyncio.wait_for(handle.over.wait(), 5)
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following
    return handle.scaled


async def test_a_pool_follows_its_load_and_only_idle_workers_go() -> None:
    held = Held(SPEC)
    assert await scaled(Handle(loads=[0, 3, None, 9, *[1] * LOOKS, *[0] * LOOKS]), held) == [
        (3, True), (4, True), (1, True), (0, True),
    ]  # fmt: skip
    assert held.spec.workers == 0


async def test_those_that_were_busy_when_they_were_to_go_are_asked_again() -> None:
    assert await scaled(Handle(loads=[0, 0], ready=2), Held(SPEC)) == [(0, True)]


async def test_an_order_that_comes_during_a_look_wins() -> None:
    held = Held(SPEC)

    def order() -> None:
        held.spec = replace(SPEC, workers=2)

    assert await scaled(Handle(loads=[4], changed=order), held) == []
