"""Asynchronous queries, as their owners see them: made, run, waited for, aborted, deleted."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine as Database

from uraniborg_portal.errors import Conflict, NotAllowed, NotFound, PortalError, TooLarge
from uraniborg_portal.identity.models import User
from uraniborg_portal.runner import Runner
from uraniborg_portal.settings import Settings
from uraniborg_portal.storage import Storage
from uraniborg_portal.tap.jobs.models import ACTIVE, PHASES, Parameters, TapJob, tables_of
from uraniborg_portal.tap.jobs.owners import Owners
from uraniborg_portal.tap.jobs.queue import STOP, WORK, TapQueue, topic_of
from uraniborg_portal.tap.jobs.results import TapResults, removed
from uraniborg_portal.tap.jobs.shown import version_of
from uraniborg_portal.tap.jobs.space import Space
from uraniborg_portal.tap.jobs.store import TapJobStore, Wanted
from uraniborg_portal.tap.jobs.tables import TAP_JOBS
from uraniborg_portal.tap.jobs.work import TapWork
from uraniborg_portal.user_tables.updates import is_update
from uraniborg_portal.wakeups import Wakeups

LOOK = 2.0
"""Seconds after which who waits looks again even when nothing woke it (news between replicas may be lost)."""


class TapJobs:
    """The asynchronous queries of all replicas, as this one serves them."""

    def __init__(
        self, settings: Settings, database: Database, storage: Storage, owners: Owners, wakeups: Wakeups
    ) -> None:
        self.limits = settings.async_queries
        self.store = TapJobStore(database)
        self.queue = TapQueue(database, self.limits)
        self.results = TapResults(storage)
        self.space = Space(self.store, self.limits)
        self.wakeups = wakeups
        self.runner = Runner(TapWork(settings, owners, self.queue, self.store, self.results), wakeups)

    async def create(
        self, user: User | None, parameters: Parameters, uploads: Mapping[str, bytes], *, portal: str, run: bool
    ) -> TapJob:
        """Make a query, pending, or waiting for its turn at once; `uploads` are files by their names.

        `portal` is its absolute URL as the user reaches it, with a slash at its end.

        Raises
        ------
        TooLarge, TooMany
            Its parameters are larger, or its owner has more, than the limits allow.
        """
        self.check_size(parameters)
        now = time.time()
        lifetime = self.limits.days * 86400 if user else self.limits.anonymous_hours * 3600
        job = TapJob(
            id=secrets.token_hex(16),
            owner=user.name if user else None,
            phase="QUEUED" if run else "PENDING",
            parameters=parameters,
            portal=portal,
            created=now,
            destruction=now + lifetime,
            seconds=self.limits.seconds,
        )
        if not uploads:
            await asyncio.to_thread(self.queue.create, job)
            self.wakeups.ring(WORK)
            return job
        # Not run before its tables are there; and what is refused leaves none.
        await asyncio.to_thread(self.queue.create, replace(job, phase="PENDING"))
        try:
            await self.add_uploads(job, job.parameters, uploads)
            if run:
                await self.run(job)
        except PortalError:
            await self.remove(job)
            raise
        return job

    async def add_uploads(self, job: TapJob, parameters: Parameters, uploads: Mapping[str, bytes]) -> None:
        """Give a pending query parameters, and the tables that they name.

        Raises
        ------
        Conflict, TooLarge, Unavailable
            It is pending no more, or there is no space.
        """
        size = sum(len(content) for content in uploads.values())
        if uploads:
            await asyncio.to_thread(self.space.check, job.owner, size)
        values = {"parameters": parameters, "uploaded": TAP_JOBS.c.uploaded + size}
        await self.alter(job, values, frozenset({"PENDING"}))
        await asyncio.to_thread(self.results.keep_uploads, job.id, uploads)

    async def get(self, identifier: str, user: User | None) -> TapJob:
        """Give a query to its owner; to whoever has its identifier where nobody made it.

        Raises
        ------
        NotFound
            There is none.
        NotAllowed
            It is somebody else's.
        """
        job = await asyncio.to_thread(self.store.get, identifier)
        if job.owner is not None and (user is None or user.name != job.owner):
            raise NotAllowed("This query belongs to someone else.", "Sign in as who made it.")
        return job

    async def of_owner(self, owner: str, wanted: Wanted) -> list[TapJob]:
        """List a user's queries, the oldest first."""
        return await asyncio.to_thread(self.store.of_owner, owner, wanted)

    async def run(self, job: TapJob) -> None:
        """Let a pending query wait for its turn; one that waits or runs already is left as it is.

        Raises
        ------
        Conflict
            It has ended.
        TooMany
            Its owner has as many in the queue as may be.
        """
        if await asyncio.to_thread(self.queue.run, job) is None:
            now = await asyncio.to_thread(self.store.get, job.id)
            if now.phase not in ACTIVE:
                raise Conflict(f"This query has ended already: {now.phase}.", "Make it again.")
        self.ring(job.id, WORK)

    async def abort(self, job: TapJob) -> None:
        """End a query, wherever it runs: at once for its owner, its work within a second; an ended one is left."""
        await asyncio.to_thread(self.queue.abort, job.id)
        self.ring(job.id, STOP)
        await self.runner.drop(job.id)

    async def remove(self, job: TapJob) -> None:
        """Remove a query, wherever it runs, with all that it has written."""
        await asyncio.to_thread(self.queue.remove, [job.id])
        self.ring(job.id, STOP)
        await self.runner.drop(job.id)
        await asyncio.to_thread(self.results.remove, [job.id])

    async def content(self, identifier: str, user: User | None, megabytes: int) -> bytes:
        """Give a query's result to its owner, if it is not larger than this.

        Raises
        ------
        NotFound, NotAllowed, TooLarge
            There is none for this user, or it is larger.
        """
        job = await self.get(identifier, user)
        path = self.results.file(job).path
        if job.bytes > megabytes * 1_000_000:
            raise TooLarge(f"That result has {job.bytes / 1e6:,.0f} MB; accepted: {megabytes} MB.", "Ask for less.")
        try:
            return await asyncio.to_thread(self.results.storage.read, path)
        except FileNotFoundError as error:
            raise removed() from error

    async def set_parameters(self, job: TapJob, given: Parameters, uploads: Mapping[str, bytes]) -> None:
        """Add parameters to a pending query, or change them; `uploads` are files by their names.

        Raises
        ------
        Conflict
            It is pending no more.
        TooLarge
            They are larger than the limit.
        """
        parameters = job.with_parameters(given)
        self.check_size(parameters)
        await self.add_uploads(job, parameters, uploads)

    async def set_seconds(self, job: TapJob, seconds: float) -> None:
        """Give a query that has not begun another time limit; 0 and what is too long are the longest.

        Raises
        ------
        Conflict
            It has begun.
        """
        longest = self.limits.maximum_seconds
        await self.alter(job, {"seconds": min(seconds or longest, longest)}, frozenset({"PENDING", "QUEUED"}))

    async def set_destruction(self, job: TapJob, when: float) -> None:
        """Have a query removed at another time, Unix seconds; what is past is now, what is too late the latest."""
        latest = time.time() + self.limits.maximum_days * 86400
        await self.alter(job, {"destruction": max(time.time(), min(when, latest))}, frozenset(PHASES))

    async def alter(self, job: TapJob, values: dict[str, Any], phases: frozenset[str]) -> None:
        """Change what a query is to be.

        Raises
        ------
        Conflict
            It is in none of these phases.
        """
        if await asyncio.to_thread(self.queue.alter, job.id, values, phases) is None:
            raise Conflict(f"This query can't be changed any more: it is {job.phase}.", "Make another one.")
        self.ring(job.id)

    async def wait(self, job: TapJob, seconds: float) -> TapJob:
        """Give a query once it has left its phase, or after so many seconds; one that has ended at once.

        Raises
        ------
        NotFound
            It was removed meanwhile.
        """
        until = time.monotonic() + seconds
        with self.wakeups.listening(topic_of(job.id)) as ring:
            now = await asyncio.to_thread(self.store.get, job.id)
            while now.phase == job.phase and now.phase in ACTIVE and (left := until - time.monotonic()) > 0:
                await ring.wait(min(LOOK, left))
                now = await asyncio.to_thread(self.store.get, job.id)
        return now

    async def again(self, job: TapJob, user: User | None) -> TapJob:
        """Make a query with the parameters and tables of another, and let it wait for its turn; a pending one itself.

        Raises
        ------
        TooLarge, TooMany
            Its owner has more than the limits allow.
        """
        if job.phase == "PENDING":
            await self.run(job)
            return await self.get(job.id, user)
        keys = [table.key for table in tables_of(job.parameters)]
        uploads = await asyncio.to_thread(self.results.uploads, job.id, keys)
        return await self.create(user, job.parameters, uploads, portal=job.portal, run=True)

    async def mine(self, user: User | None, known: Sequence[str], last: int) -> list[TapJob]:
        """List a user's newest queries and those of `known` that they may see, the newest first."""
        wanted = Wanted(last=last)
        own = await self.of_owner(user.name, wanted) if user else []
        found = {job.id: job for job in own if not is_update(job.parameters)}
        for identifier in known:
            if identifier not in found:
                with suppress(NotFound, NotAllowed):
                    found[identifier] = await self.get(identifier, user)
        return sorted(found.values(), key=lambda job: (-job.created, job.id))

    async def news(self, look: Callable[[], Awaitable[list[TapJob]]], known: str, seconds: float) -> list[TapJob]:
        """Give what `look` gives once its `version_of` is another one than `known`, or after so many seconds."""
        until = time.monotonic() + seconds
        with self.wakeups.listening(WORK) as ring:
            jobs = await look()
            while version_of(jobs) == known and (left := until - time.monotonic()) > 0:
                await ring.wait(min(LOOK, left))
                jobs = await look()
        return jobs

    def start(self) -> None:
        """Begin to answer queries."""
        self.runner.start()

    def clean(self) -> None:
        """Remove queries whose time is over, and files that no query knows of."""
        gone = self.store.expired(time.time())
        if gone:
            self.queue.remove(gone)
        self.results.remove(gone)
        self.results.clean(self.store.known)

    async def hand_over(self) -> None:
        """Take no more queries, and let another replica, or the next start, take up those that run here."""
        await self.runner.hand_over()

    def ring(self, job: str, *topics: str) -> None:
        """Wake those of this process who wait for a job, or for topics."""
        for topic in (topic_of(job), *topics):
            self.wakeups.ring(topic)

    def check_size(self, parameters: Parameters) -> None:
        """Refuse parameters that are larger than any query's may be."""
        size = sum(len(name) + len(value) for name, value in parameters)
        if size > self.limits.parameter_kilobytes * 1_000:
            limit = self.limits.parameter_kilobytes
            raise TooLarge(f"The parameters have {size / 1000:,.0f} kB; accepted: {limit:,} kB.", "Ask for less.")
