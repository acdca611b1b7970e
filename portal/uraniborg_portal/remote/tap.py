"""Asks a TAP service (TAP 1.1): synchronously first, asynchronously (UWS) where that takes too long or is cut."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

import httpcore
import httpx

from uraniborg_portal.errors import PortalError, QueryRefused, TookTooLong, Unavailable
from uraniborg_portal.outside.content import limited
from uraniborg_portal.outside.hosts import AllowedHosts
from uraniborg_portal.outside.transport import FAILURES, client
from uraniborg_portal.remote.infos import HEAD, status_of, words_of
from uraniborg_portal.remote.models import Answer, RemoteQuery, Service
from uraniborg_portal.settings import RemoteTap

TOO_LONG = re.compile(r"time[d ]*.?(out|limit)|too long|timeout|asynchronous", re.IGNORECASE)
"""Words of services for a synchronous query that has taken its time."""
LATE = (408, 504, 524)
"""HTTP status codes that say the same."""
PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between two looks at a job; the last one from then on."""
GOOD_BYE = 5.0
"""Seconds for the request that removes a job."""
REMEDY = "Change the query as the service says; these are its own words."


@dataclass(frozen=True, kw_only=True)
class Tap:
    """One service, asked for one errand."""

    service: Service
    limits: RemoteTap
    http: httpx.AsyncClient

    async def sync(self, adql: str, rows: int) -> Answer:
        """Give the answer to a synchronous query of at most `rows` rows.

        Raises
        ------
        QueryRefused
            The service refuses it; the words are its own.
        TookTooLong
            It takes too long for a synchronous query.
        TooLarge, Unavailable
            The answer can't be had.
        """
        try:
            async with asyncio.timeout(self.limits.seconds):
                return self.checked(*await self.asked("POST", f"{self.service.url}/sync", parameters(adql, rows)))
        except TimeoutError as error:
            raise self.too_long("its synchronous answer") from error

    async def whole(self, adql: str, rows: int) -> Answer:
        """Give the answer to an asynchronous query; its job is removed, also when nobody waits any more.

        Raises
        ------
        QueryRefused, TookTooLong, TooLarge, Unavailable
            As for `sync`.
        """
        job = ""
        try:
            async with asyncio.timeout(self.limits.async_seconds):
                job = await self.made(adql, rows)
                await self.ended(job)
                return self.checked(*await self.asked("GET", f"{job}/results/result"))
        except TimeoutError as error:
            raise self.too_long("its asynchronous answer") from error
        finally:
            if job:
                await asyncio.shield(self.removed(job))

    async def made(self, adql: str, rows: int) -> str:
        """Make a job, and give its address."""
        async with self.http.stream(
            "POST", f"{self.service.url}/async", data=parameters(adql, rows), follow_redirects=False
        ) as answer:
            content = await limited(answer, 1_000_000)
        where = answer.headers.get("location", "")
        if answer.status_code not in (201, 302, 303) or not where:
            raise self.refused(answer.status_code, content)
        return str(urljoin(str(answer.url), where)).rstrip("/")

    async def ended(self, job: str) -> None:
        """Start a job, and wait until it has its result."""
        status, content = await self.asked("POST", f"{job}/phase", {"PHASE": "RUN"})
        if status >= 400:
            raise self.refused(status, content)
        looks = 0
        while True:
            status, content = await self.asked("GET", f"{job}/phase")
            phase = content[:100].decode("ascii", "replace").strip().upper()
            if phase == "COMPLETED":
                return
            if phase in ("ERROR", "ABORTED", "ARCHIVED") or status >= 400:
                status, content = await self.asked("GET", f"{job}/error")
                raise self.refused(status, content)
            await asyncio.sleep(PAUSES[min(looks, len(PAUSES) - 1)])
            looks += 1

    async def removed(self, job: str) -> None:
        """Remove a job, and so stop it; a service that does not answer keeps it."""
        try:
            async with asyncio.timeout(GOOD_BYE):
                await self.http.request("DELETE", job, follow_redirects=False)
        except (TimeoutError, PortalError, *FAILURES):
            return

    async def asked(self, method: str, url: str, form: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        """Give the status and the body of an answer."""
        async with self.http.stream(method, url, data=form) as answer:
            return answer.status_code, await limited(answer, self.limits.megabytes * 1_000_000)

    def checked(self, status: int, content: bytes) -> Answer:
        """Give an answer that is a table."""
        said = status_of(content)
        if status >= 400 or said.error is not None:
            raise self.refused(status, content)
        if b"VOTABLE" not in content[:HEAD]:
            words = words_of(content) or "nothing"
            raise Unavailable(
                f"{self.service.title} sends no VOTable, but: {words}", "Check that its address is a TAP."
            )
        return Answer(content=content, overflow=said.overflow)

    def refused(self, status: int, content: bytes) -> PortalError:
        """Give the service's own words as a refusal."""
        words = words_of(content) or f"status {status}"
        said = f"{self.service.title} answers: {words}"
        if status in LATE or TOO_LONG.search(words):
            return TookTooLong(said, "Ask for a smaller part of the sky, or fewer rows.")
        if status in (401, 403):
            return QueryRefused(said, "Public tables only can be read from here: this portal signs nobody in there.")
        if status >= 500 and status_of(content).error is None:
            return Unavailable(said, "Try again later.")
        return QueryRefused(said, REMEDY)

    def too_long(self, what: str) -> TookTooLong:
        """Give the words for a service that has not answered in time."""
        return TookTooLong(
            f"{self.service.title} has not given {what} in time.", "Ask for a smaller part of the sky, or fewer rows."
        )


def parameters(adql: str, rows: int) -> dict[str, str]:
    """Give the parameters of a query (TAP 1.1, section 2.7)."""
    return {
        "REQUEST": "doQuery", "LANG": "ADQL", "FORMAT": "votable", "RESPONSEFORMAT": "votable", "QUERY": adql,
        "MAXREC": str(rows),
    }  # fmt: skip


async def ask(asked: RemoteQuery, allowed: AllowedHosts, limits: RemoteTap) -> Answer:
    """Give the answer of a service, asynchronously where the synchronous one is late.

    Raises
    ------
    BadParameter
        Its host, or one that it leads to, may not be asked.
    QueryRefused, TookTooLong, TooLarge, Unavailable
        As `Tap.sync` says.
    """
    try:
        async with client(allowed, limits.seconds) as http:
            tap = Tap(service=asked.service, limits=limits, http=http)
            try:
                return await tap.sync(asked.adql, asked.rows)
            except (TookTooLong, httpcore.ReadTimeout):
                return await tap.whole(asked.adql, asked.rows)
    except FAILURES as error:
        raise Unavailable(
            f"{asked.service.title} does not answer: {type(error).__name__}.", "Try again later."
        ) from error


async def ask_again(asked: RemoteQuery, allowed: AllowedHosts, limits: RemoteTap) -> Answer:
    """Give the asynchronous answer of a service, whose limit is often higher; errors are those of `ask`."""
    try:
        async with client(allowed, limits.seconds) as http:
            return await Tap(service=asked.service, limits=limits, http=http).whole(asked.adql, asked.rows)
    except FAILURES as error:
        raise Unavailable(
            f"{asked.service.title} does not answer: {type(error).__name__}.", "Try again later."
        ) from error


def silent(service: Service, error: Exception) -> Unavailable:
    """Give the words for a service that can't be reached."""
    return Unavailable(f"{service.title} does not answer: {type(error).__name__}.", "Try again later.")
