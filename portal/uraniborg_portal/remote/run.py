"""Has another service answer a query, reads what it sends in a process of its own, and keeps it like any result."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from starlette.concurrency import run_in_threadpool

from uraniborg_portal.engine.allowance import Stop, interactive
from uraniborg_portal.engine.arrow import as_columns
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.engine.upload import Upload
from uraniborg_portal.errors import BadParameter, PortalError, TooMany, Unavailable
from uraniborg_portal.outside.hosts import AllowedHosts
from uraniborg_portal.queries.describe import description
from uraniborg_portal.queries.models import Description, StoredResult
from uraniborg_portal.queries.store import ResultStore
from uraniborg_portal.remote.models import Answer, RemoteQuery, Service
from uraniborg_portal.remote.tap import ask, ask_again
from uraniborg_portal.settings import RemoteTap


@dataclass(kw_only=True)
class Asker:
    """Asks services, for all users of a replica."""

    engine: Engine
    """Its processes read what services send."""
    allowed: AllowedHosts
    limits: RemoteTap
    running: int = field(default=0, init=False)
    """Queries that run there now."""

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold one of the places for queries.

        Raises
        ------
        TooMany
            All are taken.
        """
        if self.running >= self.limits.at_once:
            raise TooMany(f"{self.running} queries of other services run already.", "Try again in a moment.")
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1

    async def table(self, asked: RemoteQuery, stop: Stop) -> tuple[Upload, bool]:
        """Give the rows of a query, and whether there are more.

        Where a synchronous answer is cut below what is asked for, the asynchronous one is taken, if there is one.

        Raises
        ------
        PortalError
            The service refuses, or its answer can't be had or read.
        """
        service, rows = asked.service, asked.rows
        async with self.place():
            answer = await ask(asked, self.allowed, self.limits)
            found = await self.read(service, answer, stop)
            if answer.overflow and found.rows.num_rows < rows:
                try:
                    answer = await ask_again(asked, self.allowed, self.limits)
                except PortalError:
                    # The shorter answer is there, and says that it is cut.
                    return found, True
                found = await self.read(service, answer, stop)
        more = found.rows.num_rows > rows
        return (replace(found, rows=found.rows.slice(0, rows)) if more else found), answer.overflow or more

    async def read(self, service: Service, answer: Answer, stop: Stop) -> Upload:
        """Give the table of an answer, read by a process that may do nothing else."""
        allowance = interactive(self.engine.limits, stop)
        try:
            return await run_in_threadpool(self.engine.read_upload, "answer", answer.content, allowance)
        except BadParameter as error:
            raise Unavailable(
                f"The answer of {service.title} can't be read: {error.message}", "Select fewer columns, or other ones."
            ) from error


async def run(asker: Asker, store: ResultStore, asked: RemoteQuery, owner: str | None, stop: Stop) -> StoredResult:
    """Run a query at a service and keep its rows.

    Raises
    ------
    PortalError
        As `Asker.table` and the store say; nothing is kept then.
    """
    start, service = time.perf_counter(), asked.service
    found, overflow = await asker.table(asked, stop)
    result = QueryResult(
        table=as_columns(found.rows.select([column.name for column in found.columns]), found.columns),
        columns=found.columns,
        overflow=overflow,
        adql=asked.adql,
        notes=notes(service, found, overflow),
    )

    def described() -> Description:
        return replace(description(result, asked.rows, time.perf_counter() - start), service=service.name)

    return await run_in_threadpool(store.save, result, described, owner)


def notes(service: Service, found: Upload, overflow: bool) -> tuple[str, ...]:
    """Give the sentences that a reader of the result should see."""
    said = [f"From {service.title} ({service.url})."]
    if overflow:
        said.append(f"{service.title} has more rows than these (OVERFLOW): its limit or the row limit was reached.")
    if found.left_out:
        said.append(f"Without columns that are arrays or structures: {', '.join(found.left_out[:10])}.")
    return tuple(said)


async def until_stopped(stop: Stop, made: asyncio.Task[StoredResult]) -> StoredResult:
    """Give what a task makes; it ends when `stop` is asked for.

    Raises
    ------
    QueryStopped
        It was.
    """
    with stop.ended_by(lambda: (made.cancel(), None)[1]):
        try:
            return await made
        except asyncio.CancelledError:
            stop.check()
            raise
