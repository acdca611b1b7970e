"""Slots are shared fairly, and never lost."""

from __future__ import annotations

import asyncio

from uraniborg_portal.instruments.slots import FairSlots


async def test_who_has_fewest_running_goes_first() -> None:
    slots, order, goes_on = FairSlots(2), [], asyncio.Event()

    async def job(owner: str, name: str) -> None:
        async with slots.take(owner):
            order.append(name)
            await goes_on.wait()

    async with asyncio.TaskGroup() as group:
        for name in ("tycho 1", "tycho 2", "tycho 3", "tycho 4", "sophie 1"):
            group.create_task(job(name.split()[0], name))
        while len(order) < 2:
            await asyncio.sleep(0)
        assert order == ["tycho 1", "tycho 2"]
        goes_on.set()
    assert order[2] == "sophie 1"
    assert slots.free == 2


async def test_a_cancelled_wait_and_a_cancelled_run_give_the_slot_back() -> None:
    slots = FairSlots(1)
    entered = asyncio.Event()

    async def hold() -> None:
        async with slots.take("tycho"):
            entered.set()
            await asyncio.Event().wait()

    first = asyncio.create_task(hold())
    await entered.wait()
    second = asyncio.create_task(hold())
    await asyncio.sleep(0)
    second.cancel()
    first.cancel()
    await asyncio.wait([first, second])
    assert (slots.free, slots.waiting, slots.running["tycho"]) == (1, [], 0)


async def test_a_slot_that_comes_with_the_cancellation_is_given_back() -> None:
    slots = FairSlots(1)

    async def hold() -> None:
        async with slots.take("tycho"):
            await asyncio.Event().wait()

    task = asyncio.create_task(hold())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert slots.free == 1
