"""The tables that one caller may query, as they were when it first asked; for it there are no others."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from uraniborg_portal.engine.kept import KeptTable
from uraniborg_portal.errors import NotFound
from uraniborg_portal.identity.models import User
from uraniborg_portal.user_tables.models import UserTable
from uraniborg_portal.user_tables.parts import Parts
from uraniborg_portal.user_tables.store import UserTableStore


class ReadableTables:
    """What the engine is given of users' tables for one caller, nobody having none: a `KeptTables`."""

    def __init__(self, store: UserTableStore, parts: Parts, user: User | None) -> None:
        self.store = store
        self.parts = parts
        self.user = user

    def all(self) -> tuple[KeptTable, ...]:
        """Give the tables, sorted by name."""
        return self._kept

    def files(self, name: str) -> tuple[tuple[Path, int], ...]:
        """Give the files of a table with their rows, on this machine."""
        for table in self._tables:
            if table.name == name:
                return self.parts.files(table)
        raise NotFound(f"No table is called {name[:80]!r}.")

    @cached_property
    def _tables(self) -> tuple[UserTable, ...]:
        return self.store.readable(self.user) if self.user else ()

    @cached_property
    def _kept(self) -> tuple[KeptTable, ...]:
        return tuple(table.kept for table in self._tables)


class OneTable:
    """One table alone, to ask the engine about it: a `KeptTables`."""

    def __init__(self, table: UserTable, parts: Parts) -> None:
        self.table = table
        self.parts = parts

    def all(self) -> tuple[KeptTable, ...]:
        """Give the table."""
        return (self.table.kept,)

    def files(self, name: str) -> tuple[tuple[Path, int], ...]:
        """Give its files."""
        return self.parts.files(self.table)
