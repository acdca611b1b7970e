"""Making a product: from a claimed job to files that everybody sees, or to the reason why not."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from uraniborg_portal.database import GONE
from uraniborg_portal.errors import PortalError
from uraniborg_portal.instruments.compute import Compute, WorkerEnded
from uraniborg_portal.instruments.documents import document
from uraniborg_portal.instruments.inputs import hashes
from uraniborg_portal.instruments.installed import instrument as installed
from uraniborg_portal.instruments.job_models import Job, Outcome, StoredProduct
from uraniborg_portal.instruments.journal import Journal
from uraniborg_portal.instruments.parameters import check
from uraniborg_portal.instruments.products import Products
from uraniborg_portal.instruments.queue import AGAIN, after_loss
from uraniborg_portal.instruments.store import Store
from uraniborg_portal.settings import JobLimits

LOG = logging.getLogger(__name__)

LAST_LINES = 6
"""Lines of the log that tell how a process ended."""

NOISE = ("Extension modules:", "Current thread's C stack trace", "  <cannot get C stack")
"""Starts of lines that Python prints of a fault and that tell a user nothing."""


def identifier() -> str:
    """Give a name that can't be guessed, for a job or a product."""
    return secrets.token_hex(16)


def last_words(lines: list[str]) -> str:
    """Give the last lines of a log, as what to look at next; pure."""
    told = [line[:160] for line in lines if line.strip() and not line.startswith(NOISE)]
    return f"The end of its log: {' | '.join(told[-LAST_LINES:])}" if told else AGAIN


class Making:
    """Makes products of jobs, each once."""

    def __init__(self, store: Store, products: Products, limits: JobLimits) -> None:
        self.store = store
        self.products = products
        self.limits = limits

    def made_before(self, key: str) -> StoredProduct | None:
        """Give the product with this key, if its files are there too."""
        product = self.store.product_with_key(key)
        if product and not self.products.has(product.id):
            self.store.forget(product)
            return None
        return product

    async def outcome(self, job: Job, folder: Path, compute: Compute, journal: Journal) -> Outcome:
        """Run a job in `folder`, and say how that went; every failure has its words."""
        try:
            made = await asyncio.to_thread(self.made_before, job.key)
            return Outcome(state="done", product=made) if made else await self.made_now(job, folder, compute, journal)
        except WorkerEnded as ended:
            lost = after_loss(job, "What ran this job", self.limits)
            return lost if ended.lost else failed(str(ended), last_words(journal.lines))
        except GONE as error:
            LOG.warning("job %s can't begin: %s", job.id, error)
            return after_loss(job, "The database, as this job began,", self.limits)
        except (PortalError, TimeoutError) as error:
            return self.refused(error)
        except Exception as error:
            LOG.exception("job %s", job.id)
            return failed(f"The portal could not finish the job: {type(error).__name__}.", AGAIN)

    def refused(self, error: PortalError | TimeoutError) -> Outcome:
        """Give the words of a refusal, or of the time limit."""
        if isinstance(error, PortalError):
            return failed(error.message, error.remedy)
        limit = f"{self.limits.seconds:g} s"
        return failed(f"The job took longer than {limit}, the limit.", "Ask for less, or a higher limit.")

    async def made_now(self, job: Job, folder: Path, compute: Compute, journal: Journal) -> Outcome:
        """Run a job's instrument."""
        await asyncio.to_thread(folder.parent.mkdir, parents=True, exist_ok=True)
        task = {"id": job.id, "instrument": job.instrument, "parameters": job.parameters}
        async with asyncio.timeout(self.limits.seconds):
            kind, said = await compute.run(task, folder, journal.say)
        if kind != "made":
            return failed(said["message"], said["remedy"])
        product = await asyncio.to_thread(self.publish, job, folder, said["product"], journal.lines)
        return Outcome(state="done", product=product)

    def publish(self, job: Job, folder: Path, made: Mapping[str, Any], lines: list[str]) -> StoredProduct:
        """Store what was written, as a product that nobody knows of yet."""
        chosen = installed(job.instrument)
        parameters = check(chosen.parameters, job.parameters)
        described = document(chosen, parameters, hashes(chosen.inputs(parameters)), made, lines)
        product = StoredProduct(
            id=identifier(), key=described["key"], instrument=job.instrument, title=made["title"], created=time.time()
        )
        self.products.publish(folder, described | {"id": product.id, "created": product.created})
        return product

    async def discard(self, product: StoredProduct) -> None:
        """Remove the files of a product that did not become one."""
        known = await asyncio.to_thread(self.store.known_products)
        if product.id not in known:
            await asyncio.to_thread(self.products.discard, product.id)


def failed(message: str, remedy: str) -> Outcome:
    """Give the outcome of a run that can't be tried again as it is."""
    return Outcome(state="failed", message=message, remedy=remedy)
