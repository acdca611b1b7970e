"""What one replica does for the work of all: it claims what waits, runs it, and takes up what others left."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from uraniborg_portal.database import GONE
from uraniborg_portal.leases import Held
from uraniborg_portal.wakeups import Wakeups

LOG = logging.getLogger(__name__)

AGAIN = 1.0
"""Seconds until an end that can't be written is tried again."""

Item = TypeVar("Item", bound=Held)
Written = TypeVar("Written")


@dataclass(frozen=True, kw_only=True)
class Topics:
    """What wakes a runner."""

    work: str
    """Something waits, or there is room."""
    stop: str
    """Something that runs is not wanted any more."""


class Work(Protocol[Item]):
    """The work of one kind, as a runner asks for it. What is not a coroutine may wait for the database."""

    topics: Topics
    room: int
    """What one replica runs at once."""
    lease_seconds: float

    def prepare(self) -> None:
        """Make ready what this machine needs for it; once, before the first claim."""

    def claim(self, runner: str) -> Item | None:
        """Give this runner what comes next, None where nothing waits."""

    def renew(self, runner: str) -> set[tuple[str, int]]:
        """Renew its leases; gives what is still its own: identifiers and attempts."""

    def abandoned(self) -> list[Item]:
        """Give what other runners let go."""

    def take_over(self, item: Item) -> object:
        """Let abandoned work wait again, or fail it."""

    def topic(self, identifier: str) -> str:
        """Give the topic of one item's news."""

    async def run(self, item: Item, runner: Runner[Item]) -> None:
        """Run it and write down how it ended; ended by CancelledError when it is this runner's no more."""

    async def give_back(self, item: Item, runner: Runner[Item]) -> None:
        """Let it wait for another replica, or for the next start, if it is still this runner's."""

    def left(self, item: Item, runner: Runner[Item]) -> None:
        """Keep nothing of it on this machine."""


class Runner(Generic[Item]):
    """Runs work of one kind; `name` is what its leases are held by."""

    def __init__(self, work: Work[Item], wakeups: Wakeups) -> None:
        self.work = work
        self.wakeups = wakeups
        self.name = secrets.token_hex(16)
        self.tasks: dict[str, tuple[Item, asyncio.Task[None]]] = {}
        self.loops: list[asyncio.Task[None]] = []
        self.claiming = asyncio.Lock()
        self.heard: float | None = None
        """Since when the database has answered without a break, monotonic seconds."""
        self.closing = False

    @property
    def every(self) -> float:
        """Seconds between two renewals of the leases."""
        return self.work.lease_seconds / 4

    def start(self) -> None:
        """Begin to take work; `hand_over` ends it."""
        self.loops = [asyncio.create_task(self.claim_always()), asyncio.create_task(self.beat_always())]

    async def claim_always(self) -> None:
        """Claim whenever there is news of work, and now and then without."""
        await asyncio.to_thread(self.work.prepare)
        with self.wakeups.listening(self.work.topics.work) as ring:
            while not self.closing:
                try:
                    await self.claim()
                except SQLAlchemyError as error:
                    LOG.warning("nothing can be claimed now: %s", error)
                await ring.wait(self.every)

    async def claim(self) -> None:
        """Claim and begin as much as there is room for."""
        async with self.claiming:
            while len(self.tasks) < self.work.room and not self.closing:
                item = await asyncio.to_thread(self.work.claim, self.name)
                if item is None:
                    return
                self.wakeups.ring(self.work.topic(item.id))
                self.begin(item)

    def begin(self, item: Item) -> None:
        """Run something beside everything else."""
        task = asyncio.create_task(self.work.run(item, self), name=f"run {item.id}")
        self.tasks[item.id] = (item, task)
        task.add_done_callback(lambda _: self.leave(item))

    def leave(self, item: Item) -> None:
        """Give back the room of what is over, and wake who waits for it."""
        self.tasks.pop(item.id, None)
        self.work.left(item, self)
        self.wakeups.ring(self.work.topic(item.id))
        self.wakeups.ring(self.work.topics.work)

    async def beat_always(self) -> None:
        """Renew leases, end what is no longer ours, and take up what others left."""
        with self.wakeups.listening(self.work.topics.stop) as ring:
            while not self.closing:
                try:
                    await self.beat()
                except SQLAlchemyError as error:
                    self.heard = None
                    LOG.warning("leases can't be renewed now: %s", error)
                await ring.wait(self.every)

    async def beat(self) -> None:
        """Do so once. A replica that could not hear the others itself declares nobody lost for the time of a lease."""
        known = dict(self.tasks)
        ours = await asyncio.to_thread(self.work.renew, self.name)
        for item, task in known.values():
            if (item.id, item.attempt) not in ours:
                task.cancel()
        self.heard = self.heard or time.monotonic()
        if time.monotonic() - self.heard >= self.work.lease_seconds:
            for item in await asyncio.to_thread(self.work.abandoned):
                await asyncio.to_thread(self.work.take_over, item)
                LOG.warning("%s was left by its replica", item.id)
                self.wakeups.ring(self.work.topic(item.id))
                self.wakeups.ring(self.work.topics.work)

    async def written(
        self, write: Callable[[], Written], otherwise: Callable[[], Written], what: str
    ) -> Written | None:
        """Give what writing gives, as soon as the database takes it; None where this replica closes before it does.

        What the database will never take is told in the log, `otherwise` is written, and its answer given.
        """
        try:
            return await self._persisted(write, what)
        except SQLAlchemyError:
            LOG.exception("%s can't be written", what)
            return await self._persisted(otherwise, what)

    async def _persisted(self, write: Callable[[], Written], what: str) -> Written | None:
        while True:
            try:
                return await asyncio.to_thread(write)
            except (*GONE, IntegrityError) as error:
                LOG.warning("%s can't be written now: %s", what, error)
                if self.closing:
                    return None
                await asyncio.sleep(AGAIN)

    async def drop(self, identifier: str) -> None:
        """End something, if it runs here, and wait until it has ended."""
        if identifier in self.tasks:
            _, task = self.tasks[identifier]
            task.cancel()
            await asyncio.wait([task])

    async def hand_over(self) -> None:
        """Take no more, and let another replica, or the next start, take up what runs here."""
        self.closing = True
        self.wakeups.ring(self.work.topics.work)
        self.wakeups.ring(self.work.topics.stop)
        async with self.claiming:
            begun = list(self.tasks.values())
        for _, task in begun:
            task.cancel()
        tasks = [task for _, task in begun]
        if tasks or self.loops:
            await asyncio.wait([*tasks, *self.loops])
        for item, _ in begun:  # a task that was cancelled before its first step has written nothing
            await self.work.give_back(item, self)
