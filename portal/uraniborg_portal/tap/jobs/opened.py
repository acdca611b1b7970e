"""The result of an asynchronous query as one that browsers and notebooks page through."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace

from uraniborg_portal import locks
from uraniborg_portal.engine.allowance import Stop, interactive
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.errors import NotFound
from uraniborg_portal.queries import uploads
from uraniborg_portal.queries.describe import description
from uraniborg_portal.queries.models import StoredResult, UsedTable
from uraniborg_portal.queries.store import ResultStore
from uraniborg_portal.settings import QueryLimits
from uraniborg_portal.tap.jobs import meaning
from uraniborg_portal.tap.jobs.models import TapJob, tables_of
from uraniborg_portal.tap.jobs.results import TapResults, removed
from uraniborg_portal.tap.params import PART, row_limit

STRIPES = 4
"""Results that may be made at the same time."""


class Opening:
    """Makes kept results of what asynchronous queries gave: one for each, however often it is asked for."""

    def __init__(self, engine: Engine, results: TapResults, store: ResultStore, limits: QueryLimits) -> None:
        self.engine = engine
        self.results = results
        self.store = store
        self.limits = limits
        self.stripes = [threading.Lock() for _ in range(STRIPES)]

    def open(self, job: TapJob, stop: Stop) -> StoredResult:
        """Give a query's result to page through; it is made again where its time was over, unless `stop` ends that.

        Raises
        ------
        NotFound
            The query has no result.
        TooLarge, Unavailable
            It can't be read, or can't be kept.
        QueryStopped
            The end was asked for: nothing is kept.
        """
        self.results.file(job)
        identifier = identifier_of(job)
        with self.stripes[int(identifier[:8], 16) % STRIPES], self.store.database.begin() as connection:
            locks.hold_among_replicas(connection, f"opening {identifier}")
            try:
                return self.store.get(identifier)
            except NotFound:
                return self.made(job, identifier, stop)

    def made(self, job: TapJob, identifier: str, stop: Stop) -> StoredResult:
        """Make the result, in place of what is left of an earlier one."""
        stop.check()
        try:
            content = self.results.storage.read(self.results.file(job).path)
            said = self.results.meaning(job)
        except FileNotFoundError as error:
            raise removed() from error
        rows = meaning.rows_of(self.engine, job, content, interactive(self.limits, stop))
        result = meaning.read(said, rows, job)
        described = description(result, row_limit(job.parameter("MAXREC"), self.limits), job.taken)
        described = replace(described, uploads=self.used(job))
        stop.check()
        self.store.remove([identifier])
        return self.store.save(result, lambda: described, job.owner, identifier)

    def used(self, job: TapJob) -> tuple[UsedTable, ...]:
        """Give the kept tables that the query read, as far as they are kept still: pages name them by their ids."""
        found = {table.name: table.uri[len(PART) :] for table in tables_of(job.parameters)}
        try:
            return uploads.used(self.store, found)
        except NotFound:
            return ()


def identifier_of(job: TapJob) -> str:
    """Give the identifier of a query's opened result: nobody who does not know the query's can guess it."""
    return hashlib.sha256(f"{job.id} {job.attempt}".encode()).hexdigest()[:32]
