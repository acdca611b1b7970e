"""The tables of other services, as their TAP_SCHEMA has them; remembered for an hour."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from uraniborg_portal.engine.allowance import Stop
from uraniborg_portal.errors import NotFound
from uraniborg_portal.remote import schema
from uraniborg_portal.remote.models import DescribedTable, RemoteQuery, RemoteTable, Service
from uraniborg_portal.remote.run import Asker

SECONDS = 3600.0
KEPT = 300
"""Answers remembered."""


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """An answer of a service's TAP_SCHEMA."""

    rows: list[dict[str, object]]
    until: float
    """By `RemoteTables.clock`, seconds."""


@dataclass(kw_only=True)
class RemoteTables:
    """Finds tables and columns of services."""

    asker: Asker
    clock: Callable[[], float] = time.monotonic
    known: OrderedDict[tuple[str, str], Remembered] = field(default_factory=OrderedDict)

    async def search(self, service: Service, word: str) -> list[RemoteTable]:
        """Give the tables of a service whose name or description has a word.

        Raises
        ------
        PortalError
            The word is too long, or the service does not answer.
        """
        return schema.tables_of(await self.rows(service, schema.tables_question(word), schema.MOST_TABLES), word)

    async def table(self, service: Service, name: str) -> DescribedTable:
        """Give a table with its columns.

        Raises
        ------
        NotFound
            The service lists no columns of it.
        PortalError
            The service does not answer.
        """
        rows = await self.rows(service, schema.columns_question(name), schema.MOST_COLUMNS)
        if not rows:
            raise NotFound(
                f"{service.title} lists no columns of {name[:80]!r}.", "Search for the table by a word.", field="name"
            )
        return schema.table_of(service, name, rows)

    async def rows(self, service: Service, adql: str, most: int) -> list[dict[str, object]]:
        """Give the rows of a question, of the last hour where it was asked in it."""
        key = (service.url, adql)
        found = self.known.get(key)
        if found is None or found.until <= self.clock():
            table, _ = await self.asker.table(RemoteQuery(service=service, adql=adql, rows=most), Stop())
            found = Remembered(rows=table.rows.to_pylist(), until=self.clock() + SECONDS)
            self.known[key] = found
            while len(self.known) > KEPT:
                self.known.popitem(last=False)
        return found.rows
