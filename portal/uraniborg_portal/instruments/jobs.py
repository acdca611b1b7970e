"""Jobs: from a user's parameters to a product, with an end for every job."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from uraniborg_portal.errors import Conflict, TooMany, Unavailable
from uraniborg_portal.instruments.compute import Compute, WorkerEnded
from uraniborg_portal.instruments.documents import document
from uraniborg_portal.instruments.event_log import EventLog
from uraniborg_portal.instruments.inputs import hashes
from uraniborg_portal.instruments.installed import instrument as installed
from uraniborg_portal.instruments.job_models import Job, StoredProduct
from uraniborg_portal.instruments.keys import key_of
from uraniborg_portal.instruments.models import Instrument
from uraniborg_portal.instruments.parameters import Parameters, check
from uraniborg_portal.instruments.products import Products
from uraniborg_portal.instruments.slots import FairSlots
from uraniborg_portal.instruments.store import Store
from uraniborg_portal.settings import Settings

LOG = logging.getLogger(__name__)

WRITTEN = "product"
"""The folder, in a job's own, where its worker writes."""

AGAIN = "Run it again."

LAST_LINES = 6
"""Lines of the log that tell how a process ended."""

NOISE = ("Extension modules:", "Current thread's C stack trace", "  <cannot get C stack")
"""Starts of lines that Python prints of a fault and that tell a user nothing."""


def identifier() -> str:
    """Give a name that can't be guessed, for a job or a product."""
    return secrets.token_hex(16)


class Jobs:
    """Every job of this portal."""

    def __init__(self, settings: Settings, store: Store, compute: Compute) -> None:
        self.settings = settings
        self.store = store
        self.products = Products(settings.state / "products")
        self.compute = compute
        self.folder = settings.state / "jobs"
        self.slots = FairSlots(settings.jobs.workers)
        self.live: dict[str, tuple[Job, asyncio.Task[None]]] = {}
        self.logs: dict[str, EventLog] = {}
        self.closing = False

    def recover(self) -> None:
        """End the jobs that a portal before this one left unfinished."""
        for job in self.store.unfinished():
            self.end(job, "failed", "The portal was restarted before this job ended.", AGAIN)

    async def submit(self, owner: str, instrument: Instrument, parameters: Parameters) -> Job:
        """Give a job for these parameters: finished where the product is there, else waiting, or the same one again.

        Raises
        ------
        PortalError
            There are no data for the parameters, or the user has as many jobs as the limit allows.
        """
        inputs = hashes(instrument.inputs(parameters))
        key = key_of(instrument, parameters, inputs)
        same = [job for job, _ in self.live.values() if (job.owner, job.key) == (owner, key)]
        if same:
            return same[0]
        job = Job(
            id=identifier(),
            owner=owner,
            instrument=instrument.name,
            parameters=parameters.model_dump(mode="json"),
            key=key,
            created=time.time(),
        )
        made = self.made_before(key)
        if made is None:
            self.check_limit(owner)
        self.write_down(job)
        if made:
            return self.end(job, "done", product=made.id)
        task = asyncio.create_task(self.run(job, inputs), name=f"job {job.id}")
        self.live[job.id] = (job, task)
        return job

    def write_down(self, job: Job) -> None:
        """Write a new job, in its log and in the database.

        Raises
        ------
        Unavailable
            The disk is full, or the state folder can't be written.
        """
        try:
            self.say_state(job)
            self.store.add(job)
        except (OSError, SQLAlchemyError) as error:
            LOG.warning("job %s can't be written: %s", job.id, error)
            self.logs.pop(job.id, None)
            raise Unavailable(
                "The portal can't write the job down: its disk is full or its folder is not writable.",
                "Make room, or tell whoever runs this portal; then run it again.",
            ) from error

    def made_before(self, key: str) -> StoredProduct | None:
        """Give the product with this key, if its files are there too."""
        product = self.store.product_with_key(key)
        if product and not self.products.has(product.id):
            self.store.forget(product)
            return None
        return product

    def check_limit(self, owner: str) -> None:
        """Refuse a job beyond the user's limit."""
        limit = self.settings.jobs.per_user
        count = sum(job.owner == owner for job, _ in self.live.values())
        if count >= limit:
            raise TooMany(
                f"You have {count} jobs that wait or run; accepted: {limit}.", "Wait for one to end, or cancel one."
            )

    async def run(self, job: Job, inputs: dict[str, str]) -> None:
        """Run a job to its end, whatever that is."""
        try:
            async with self.slots.take(job.owner):
                job = self.change(replace(job, state="running"))
                async with asyncio.timeout(self.settings.jobs.seconds):
                    folder = self.folder / job.id / WRITTEN
                    kind, said = await self.compute.run(self.task_of(job), folder, self.log_of(job).add)
            if kind == "made":
                self.end(job, "done", product=self.publish(job, inputs, said["product"]))
            else:
                self.end(job, "failed", said["message"], said["remedy"])
        except TimeoutError:
            limit = f"{self.settings.jobs.seconds:g} s"
            self.end(job, "failed", f"The job took longer than {limit}, the limit.", "Ask for less, or a higher limit.")
        except WorkerEnded as ended:
            self.end(job, "failed", str(ended), self.last_words(job))
        except asyncio.CancelledError:
            if self.closing:
                self.end(job, "failed", "The portal was stopped before this job ended.", AGAIN)
            else:
                self.end(job, "cancelled", "The job was cancelled.", AGAIN)
        except Exception as error:
            LOG.exception("job %s", job.id)
            self.end(job, "failed", f"The portal could not finish the job: {type(error).__name__}.", AGAIN)

    def task_of(self, job: Job) -> dict[str, Any]:
        """Give what a worker needs to know."""
        return {"id": job.id, "instrument": job.instrument, "parameters": job.parameters}

    def publish(self, job: Job, inputs: dict[str, str], made: dict[str, Any]) -> str:
        """Store what a worker wrote; gives the product's identifier, that of another job if it was faster."""
        chosen = installed(job.instrument)
        described = document(chosen, check(chosen.parameters, job.parameters), inputs, made, self.log_of(job).lines())
        product = StoredProduct(
            id=identifier(), key=job.key, instrument=job.instrument, title=made["title"], created=time.time()
        )
        described |= {"id": product.id, "created": product.created}
        self.products.publish(self.folder / job.id / WRITTEN, described)
        if self.store.add_product(product):
            return product.id
        self.products.discard(product.id)
        other = self.store.product_with_key(job.key)
        return other.id if other else product.id

    async def cancel(self, job: Job) -> Job:
        """End a job within a second.

        Raises
        ------
        Conflict
            It has ended already.
        """
        if job.id not in self.live:
            raise Conflict(f"This job has ended already: {job.state}.")
        task = self.live[job.id][1]
        task.cancel()
        await asyncio.wait([task])
        return self.store.job(job.id, job.owner)

    def log_of(self, job: Job) -> EventLog:
        """Give the events of a job."""
        return self.logs.get(job.id) or EventLog(self.folder / job.id / "events.jsonl")

    def last_words(self, job: Job) -> str:
        """Give the last lines of a job's log."""
        lines = [line[:160] for line in self.log_of(job).lines() if line.strip() and not line.startswith(NOISE)]
        return f"The end of its log: {' | '.join(lines[-LAST_LINES:])}" if lines else AGAIN

    def say_state(self, job: Job) -> None:
        """Tell the readers a job's state."""
        self.logs.setdefault(job.id, EventLog(self.folder / job.id / "events.jsonl")).add("state", job.state_event())

    def change(self, job: Job) -> Job:
        """Write and tell a job's new state."""
        self.store.change(job)
        if job.id in self.live:
            self.live[job.id] = (job, self.live[job.id][1])
        self.say_state(job)
        return job

    def end(self, job: Job, state: str, message: str = "", remedy: str = "", product: str | None = None) -> Job:
        """Bring a job to its final state, and remove what it left."""
        ended = replace(job, state=state, message=message, remedy=remedy, product=product, ended=time.time())
        self.live.pop(job.id, None)
        self.change(ended)
        self.logs.pop(job.id, None)
        shutil.rmtree(Path(self.folder / job.id / WRITTEN), ignore_errors=True)
        return ended

    async def close(self) -> None:
        """End every job, and what they ran in."""
        self.closing = True
        tasks = [task for _, task in self.live.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self.compute.close()
