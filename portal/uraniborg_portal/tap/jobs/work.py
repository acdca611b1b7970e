"""Asynchronous queries as work that a replica takes: claimed, answered by the engine, and their results kept."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from uraniborg_portal.engine.allowance import Allowance, Stop
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.models import Rows
from uraniborg_portal.errors import NotFound, PortalError, QueryStopped, TooLarge, WorkerLost
from uraniborg_portal.formats import Format
from uraniborg_portal.identity.models import User
from uraniborg_portal.runner import Runner, Topics
from uraniborg_portal.settings import Settings
from uraniborg_portal.tap.answered import answered
from uraniborg_portal.tap.jobs.models import Kept, Outcome, TapJob
from uraniborg_portal.tap.jobs.owners import Owners
from uraniborg_portal.tap.jobs.progress import StepsDone
from uraniborg_portal.tap.jobs.queue import STOP, WORK, TapQueue, after_loss, topic_of
from uraniborg_portal.tap.jobs.results import TapResults
from uraniborg_portal.tap.jobs.space import Space
from uraniborg_portal.tap.jobs.store import TapJobStore
from uraniborg_portal.tap.params import read_request
from uraniborg_portal.user_tables.updates import is_update, update_of

LOG = logging.getLogger(__name__)

GIVEN_BACK = Outcome(phase="QUEUED")

UNWRITABLE = Outcome(
    phase="ERROR", message="The portal could not write down how the query ended.", remedy="Run it again."
)


class TapWork:
    """Runs asynchronous queries, each in a thread that waits for its worker process."""

    def __init__(
        self, settings: Settings, owners: Owners, queue: TapQueue, store: TapJobStore, results: TapResults
    ) -> None:
        self.queries = settings.queries
        self.limits = settings.async_queries
        self.owners = owners
        self.queue = queue
        self.store = store
        self.results = results
        self.space = Space(store, self.limits)
        self.topics = Topics(work=WORK, stop=STOP)
        self.room = self.limits.workers
        self.lease_seconds = self.limits.lease_seconds
        self.claim, self.renew = queue.claim, queue.leases.renew
        self.abandoned, self.take_over = queue.abandoned, queue.take_over
        self.topic = topic_of
        # Of its own: hours of waiting must not take the threads that everything else shares.
        self.threads = ThreadPoolExecutor(self.room, thread_name_prefix="tap job")

    def prepare(self) -> None:
        """Do nothing: a query leaves nothing on this machine."""

    async def run(self, item: TapJob, runner: Runner[TapJob]) -> None:
        """Answer a query, or stop when it is this replica's no more."""
        stop = Stop()
        answering = asyncio.ensure_future(self.answer(item, stop))
        try:
            outcome = await asyncio.shield(answering)
        except asyncio.CancelledError:
            stop.ask()
            with contextlib.suppress(QueryStopped):
                await answering
            if not runner.closing:
                await asyncio.to_thread(self.results.discard, item)
                raise
            outcome = GIVEN_BACK
        await self.settle(item, runner, outcome)

    async def answer(self, job: TapJob, stop: Stop) -> Outcome:
        """Answer a query with what its owner may read now.

        Raises
        ------
        QueryStopped
            It was stopped.
        """
        try:
            engine = await self.owners.engine_of(job.owner, job.portal)
            work = await self.updating(job) if is_update(job.parameters) else self.queried
        except PortalError as error:
            return Outcome(phase="ERROR", message=error.message, remedy=error.remedy)
        return await asyncio.get_running_loop().run_in_executor(
            self.threads, self.outcome, job, partial(work, job, engine, stop)
        )

    async def updating(self, job: TapJob) -> Callable[[TapJob, Engine, Stop], None]:
        """Give what changes a table for a job's owner.

        Raises
        ------
        NotFound
            The hub knows the owner no more.
        Unavailable
            It does not answer.
        """
        user = await self.owners.user(job.owner) if job.owner else None
        if user is None:
            raise NotFound("Who asked for this is no user any more.")
        return partial(self.updated, user)

    async def settle(self, job: TapJob, runner: Runner[TapJob], outcome: Outcome) -> None:
        """Write how a run ended, as soon as the database takes it; it keeps the lease until then."""
        write, otherwise = (partial(self.queue.end, job, each) for each in (outcome, UNWRITABLE))
        ended = await runner.written(write, otherwise, f"the end of query {job.id}")
        if outcome.kept and (ended is None or ended.phase != outcome.phase):
            await asyncio.to_thread(self.results.discard, job)

    async def give_back(self, item: TapJob, runner: Runner[TapJob]) -> None:
        """Let a query wait again."""
        await self.settle(item, runner, GIVEN_BACK)

    def left(self, item: TapJob, runner: Runner[TapJob]) -> None:
        """Do nothing: a query leaves nothing on this machine."""

    def outcome(self, job: TapJob, work: Callable[[], Kept | None]) -> Outcome:
        """Do a job's work, which gives its result; every failure has its words.

        Raises
        ------
        QueryStopped
            It was stopped.
        """
        try:
            kept = work()
        except QueryStopped:
            raise
        except WorkerLost:
            return after_loss(job, "The process that answered this query", self.limits)
        except PortalError as error:
            return Outcome(phase="ERROR", message=error.message, remedy=error.remedy)
        except Exception as error:
            LOG.exception("query %s", job.id)
            return Outcome(
                phase="ERROR",
                message=f"The portal could not finish the query: {type(error).__name__}.",
                remedy="Run it again; if that happens again, tell whoever runs this portal.",
            )
        return Outcome(phase="COMPLETED", kept=kept)

    def queried(self, job: TapJob, engine: Engine, stop: Stop) -> Kept:
        """Answer a query and keep its result."""
        self.space.check(job.owner, 0)
        asked = read_request(job.parameters, self.queries)
        allowance = Allowance(seconds=job.seconds, stop=stop, progress=StepsDone(self.queue, job))
        contents = self.results.uploads(job.id, (upload.key for upload in asked.uploads))
        with contextlib.closing(answered(engine, asked, contents, allowance)) as rows:
            return self.kept(job, asked.format, rows, stop)

    def updated(self, user: User, job: TapJob, engine: Engine, stop: Stop) -> None:
        """Change a table of a user's; there is no result."""
        allowance = Allowance(seconds=job.seconds, stop=stop)
        self.owners.tables.index(user, update_of(job.parameters), engine, allowance)

    def kept(self, job: TapJob, wanted: Format, rows: Rows, stop: Stop) -> Kept:
        """Keep a result for which its owner has space; nothing stays of another."""
        kept = self.results.keep(job, wanted, rows, stop)
        try:
            self.space.check(job.owner, kept.bytes)
        except TooLarge:
            self.results.discard(job)
            raise
        return kept
