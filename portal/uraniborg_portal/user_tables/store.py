"""Rows of users' tables: what there is, what of it is whole, and who may read it. The truth; files are its content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from uraniborg_portal import locks
from uraniborg_portal.adql.scope import advice
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.database import METADATA
from uraniborg_portal.errors import Conflict, NotFound, TooLarge, TooMany
from uraniborg_portal.identity.models import User
from uraniborg_portal.settings import UserTableLimits
from uraniborg_portal.user_tables.models import Index, Part, Sharing, UserTable

USER_TABLES = sa.Table(
    "user_tables",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(255), nullable=False),
    sa.Column("name", sa.String(320), nullable=False, unique=True),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("columns", sa.JSON, nullable=False),
    sa.Column("parts", sa.JSON, nullable=False),
    sa.Column("indexes", sa.JSON, nullable=False),
    sa.Column("read_group", sa.String(255), nullable=True),
    sa.Column("write_group", sa.String(255), nullable=True),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("created", sa.Double, nullable=False),
    sa.Column("retired", sa.JSON, nullable=False),
    sa.Column("retired_at", sa.Double, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("user_tables_of_owner", "owner"),
)
"""Tables; `parts` and `indexes` are lists of `Part` and `Index`."""
PLAIN = ("id", "owner", "name", "description", "created", "retired_at", "version")
"""Columns that are fields of a table as they are."""


class UserTableStore:
    """Each method is one short transaction; those that need space hold the lock of the owner's tables."""

    def __init__(self, database: sa.Engine, limits: UserTableLimits) -> None:
        self.database = database
        self.limits = limits

    def create(self, table: UserTable) -> None:
        """Write a new table.

        Raises
        ------
        Conflict
            There is one of that name.
        TooMany, TooLarge
            Its owner has as many tables, or as much in them, as may be.
        """
        with self.database.begin() as connection:
            locks.hold(connection, lock_of(table.owner))
            mine = sa.select(sa.func.count()).where(USER_TABLES.c.owner == table.owner)
            count = connection.scalar(mine) or 0
            if count >= self.limits.tables_per_user:
                raise TooMany(f"You have {count:,} tables; accepted: {count:,}.", "Remove one of them first.")
            if connection.scalar(sa.select(USER_TABLES.c.id).where(USER_TABLES.c.name == table.name)):
                raise Conflict(f"There is a table {table.name!r} already.", "Remove it first, or name another one.")
            self._check_space(connection, table)
            connection.execute(USER_TABLES.insert().values(**row_of(table)))

    def readable(self, user: User) -> tuple[UserTable, ...]:
        """Give the tables that a user may query, sorted by name."""
        groups = sorted(user.groups)
        shared = [group.in_(groups) for group in (USER_TABLES.c.read_group, USER_TABLES.c.write_group)]
        which = sa.or_(USER_TABLES.c.owner == user.name, *shared)
        with self.database.connect() as connection:
            rows = connection.execute(USER_TABLES.select().where(which).order_by(USER_TABLES.c.name)).mappings()
            return tuple(table_of(row) for row in rows)

    def get(self, name: str, user: User) -> UserTable:
        """Give a table that a user may query.

        Raises
        ------
        NotFound
            There is none for this user: one of somebody else's is not told from one that nobody has.
        """
        readable = self.readable(user)
        for table in readable:
            if table.name == name:
                return table
        raise NotFound(f"You have no table {name[:80]!r}.", advice(name, [table.name for table in readable]))

    def change(self, table: UserTable, after: Callable[[UserTable], UserTable]) -> UserTable:
        """Make of a table, as it is now, what `after` gives; nobody else changes one of the owner's meanwhile.

        Raises
        ------
        NotFound
            It was removed.
        TooLarge
            It grew, and its owner has not so much space.
        PortalError
            As `after` has it; nothing is changed then.
        """
        with self.database.begin() as connection:
            locks.hold(connection, lock_of(table.owner))
            row = connection.execute(USER_TABLES.select().where(USER_TABLES.c.id == table.id)).mappings().one_or_none()
            if row is None:
                raise NotFound(f"The table {table.name!r} was removed meanwhile.")
            now = table_of(row)
            changed = after(now)
            if changed.bytes > now.bytes:
                self._check_space(connection, changed)
            values = row_of(changed) | {"version": now.version + 1}
            connection.execute(USER_TABLES.update().where(USER_TABLES.c.id == table.id).values(**values))
        return changed

    def remove(self, table: UserTable) -> None:
        """Remove a table; one that is gone is no error."""
        with self.database.begin() as connection:
            connection.execute(USER_TABLES.delete().where(USER_TABLES.c.id == table.id))

    def check_space(self, owner: str) -> None:
        """Refuse more rows at once where a user has no space left."""
        with self.database.connect() as connection:
            used = used_by(connection, owner)
        if used >= self.limits.megabytes_per_user * 1_000_000:
            raise self._full(used)

    def known(self, retired_since: float) -> dict[str, set[str]]:
        """Give the names of the parts of all tables, and of those that were replaced since then, by the tables' ids."""
        columns = (USER_TABLES.c.id, USER_TABLES.c.parts, USER_TABLES.c.retired, USER_TABLES.c.retired_at)
        with self.database.connect() as connection:
            rows = list(connection.execute(sa.select(*columns)))
        retired = {row.id: row.retired if row.retired_at >= retired_since else [] for row in rows}
        return {row.id: {*(part["name"] for part in row.parts), *retired[row.id]} for row in rows}

    def are_shared(self) -> bool:
        """Say whether any table is shared with a group."""
        shared = sa.or_(USER_TABLES.c.read_group.is_not(None), USER_TABLES.c.write_group.is_not(None))
        with self.database.connect() as connection:
            return connection.scalar(sa.select(USER_TABLES.c.id).where(shared).limit(1)) is not None

    def _check_space(self, connection: Connection, table: UserTable) -> None:
        used = used_by(connection, table.owner, besides=table.id) + table.bytes
        if used > self.limits.megabytes_per_user * 1_000_000:
            raise self._full(used)

    def _full(self, used: int) -> TooLarge:
        limit = self.limits.megabytes_per_user
        return TooLarge(
            f"The tables of their owner would have {used / 1e6:,.1f} MB; accepted: {limit:,} MB.",
            "Nothing was added. Remove a table, or rows that are not needed.",
        )


def lock_of(owner: str) -> str:
    """Give the name of the lock of a user's tables."""
    return f"tables of {owner}"


def used_by(connection: Connection, owner: str, besides: str = "") -> int:
    """Give the bytes that a user's tables have, without those of one of them."""
    which = (USER_TABLES.c.owner == owner, USER_TABLES.c.id != besides)
    return int(connection.scalar(sa.select(sa.func.sum(USER_TABLES.c.bytes)).where(*which)) or 0)


def row_of(table: UserTable) -> dict[str, Any]:
    """Give the database row of a table."""
    plain = {name: getattr(table, name) for name in (*PLAIN, "bytes")}
    listed = {name: [asdict(each) for each in getattr(table, name)] for name in ("columns", "parts", "indexes")}
    return plain | listed | asdict(table.sharing) | {"retired": list(table.retired)}


def table_of(row: sa.RowMapping) -> UserTable:
    """Give the table of a database row."""
    plain = {name: row[name] for name in PLAIN}
    return UserTable(
        **plain,
        columns=tuple(Column(**column) for column in row["columns"]),
        parts=tuple(Part(**part) for part in row["parts"]),
        indexes=tuple(Index(**index) for index in row["indexes"]),
        retired=tuple(row["retired"]),
        sharing=Sharing(read_group=row["read_group"], write_group=row["write_group"]),
    )
