"""Answers that are made while they are sent: the rows of a query, in the format that is asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from uraniborg_portal.engine.allowance import Stop
from uraniborg_portal.engine.models import Rows
from uraniborg_portal.errors import PortalError, QueryStopped
from uraniborg_portal.formats import Format
from uraniborg_portal.formats.compression import CODINGS
from uraniborg_portal.query_threads import QueryThreads

LOG = logging.getLogger(__name__)
Made = TypeVar("Made")


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A document whose first piece is there, so that what goes wrong before rows has a status of its own."""

    first: bytes
    others: Iterator[bytes]
    rows: Rows
    says_errors: bool
    """Whether the document itself says that its rows ended early."""

    def next(self) -> bytes | None:
        """Give the next piece, None at the end; one that comes is not asked for by two threads at once.

        Raises
        ------
        PortalError
            The rows ended early, and the document can't say so.
        """
        try:
            return next(self.others, None)
        except QueryStopped:
            raise
        except PortalError as error:
            if not self.says_errors:
                raise
            LOG.warning("the rows of a query ended early: %s", error.message)
            return None

    def close(self) -> None:
        """Give up what is left."""
        self.rows.close()


def begin(rows: Rows, how: Format, coding: str | None = None) -> Begun:
    """Give a document of rows, of which the first piece is made; `coding` compresses it.

    Raises
    ------
    PortalError
        The first rows could not be had.
    """
    try:
        pieces = CODINGS[coding](how.write(rows)) if coding else how.write(rows)
        return Begun(first=next(pieces, b""), others=pieces, rows=rows, says_errors=how.says_errors)
    except BaseException:
        rows.close()
        raise


class Streamed(Response):
    """Sends a document as it is made, one piece ahead; whose client is gone ends with its query within a second.

    Rows that end early cut the connection, unless the document says it: no client takes a part for the whole.
    """

    def __init__(
        self, document: Begun, stop: Stop, threads: QueryThreads, media_type: str, headers: Mapping[str, str]
    ) -> None:
        super().__init__(None, media_type=media_type, headers=headers)
        # What it will be is not known yet.
        del self.headers["content-length"]
        self.document = document
        self.stop = stop
        self.threads = threads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        listening = asyncio.create_task(stop_when_gone(receive, self.stop))
        try:
            await self._send(send)
        except QueryStopped:
            LOG.info("a client went away before it had its rows")
        finally:
            listening.cancel()
            # Whatever ended it: nobody takes the rows any more.
            self.stop.ask()
            await asyncio.shield(self.threads.go_on(self.document.close))

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        piece: bytes | None = self.document.first
        while piece is not None:
            ahead = asyncio.create_task(self.threads.go_on(self.document.next))
            try:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            except BaseException:
                self.stop.ask()
                await asyncio.wait({ahead})
                raise
            piece = await ahead
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def stop_when_gone(receive: Receive, stop: Stop) -> None:
    """Ask for the end of a query when its client is gone."""
    while (await receive())["type"] != "http.disconnect":
        continue
    # At once, whatever the threads are at: it only sends a signal.
    stop.ask()


async def while_connected(request: Request, stop: Stop, made: Awaitable[Made]) -> Made:
    """Give what is made for a client; its query ends when the client is gone.

    Raises
    ------
    QueryStopped
        The client is gone.
    """
    listening = asyncio.create_task(stop_when_gone(request.receive, stop))
    try:
        return await made
    finally:
        listening.cancel()
