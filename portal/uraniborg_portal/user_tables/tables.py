"""What users do with their tables: make, load, index, share, remove. Each is done whole or not at all."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import pyarrow as pa
from sqlalchemy import Engine as Database

from uraniborg_portal.adql.words import delimited
from uraniborg_portal.catalogs.statistics import Summary
from uraniborg_portal.engine.allowance import Allowance
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.frames import Bytes
from uraniborg_portal.errors import BadParameter, Conflict, NotAllowed, TooLarge, TooMany
from uraniborg_portal.identity.models import User
from uraniborg_portal.settings import Settings
from uraniborg_portal.storage import Storage
from uraniborg_portal.user_tables.definition import checked
from uraniborg_portal.user_tables.models import Definition, Index, Part, Sharing, UserTable
from uraniborg_portal.user_tables.names import known_name, new_name
from uraniborg_portal.user_tables.parts import Parts
from uraniborg_portal.user_tables.readable import OneTable, ReadableTables
from uraniborg_portal.user_tables.rows import PartWriter, check_names, described, fitted, types_of, without_rows
from uraniborg_portal.user_tables.store import UserTableStore
from uraniborg_portal.user_tables.updates import Update

MOST_PARTS = 1_000
"""Files of a table: an index makes one of them."""


@dataclass(frozen=True, kw_only=True)
class NewPart:
    """Rows that were written, and belong to no table yet."""

    part: Part
    values: tuple[Summary, ...]
    """What the values of each column are."""


class UserTables:
    """The tables of all users; safe to share between threads and replicas."""

    def __init__(self, settings: Settings, database: Database, storage: Storage) -> None:
        self.store = UserTableStore(database, settings.user_tables)
        self.parts = Parts(storage, settings.staging or settings.state)
        self.longest_query = max(settings.queries.seconds, settings.async_queries.maximum_seconds)
        """How long a query may read what an index has replaced, seconds."""

    def readable(self, user: User | None) -> ReadableTables:
        """Give the tables that a user may query; nobody may query any."""
        return ReadableTables(self.store, self.parts, user)

    def create(self, user: User, name: str, wanted: Definition, rows: pa.Table | None = None) -> UserTable:
        """Make a table, with rows if there are some.

        Raises
        ------
        BadParameter, NotAllowed, Conflict
            It can't have this name, or these columns, or there is one.
        TooMany, TooLarge
            The user has as much as may be.
        """
        checked(wanted.columns)
        table = UserTable(
            id=secrets.token_hex(16), owner=user.name, name=new_name(name, user), description=wanted.description,
            columns=tuple(map(without_rows, wanted.columns)), parts=(), created=time.time(),
        )  # fmt: skip
        new = self._written(table, rows.to_batches() if rows else ())
        return self._settled(table, new, lambda: self._created(table, new))

    def load(self, user: User, name: str, content: Bytes, engine: Engine) -> UserTable:
        """Add the rows of a file (TSV, CSV, ECSV, FITS, VOTable, Parquet) to a table: all of them, or none.

        Columns are found by their names, in any case; those that the file does not have are NULL.

        Raises
        ------
        NotFound, NotAllowed
            The user has no such table, or may not add to it.
        BadParameter
            The file can't be read, or does not fit the table's columns; or a value that is to be unique comes twice.
        TooMany, TooLarge
            There is no space.
        """
        table = self.loadable(name, user)
        with engine.reading_file(content, types_of(table.columns)) as answer:
            check_names(answer.schema.names, table.columns)
            new = self._written(table, answer)
        # Without a place among the queries that run, as this may ask one.
        return self._settled(table, new, lambda: self._appended(table, new, engine))

    def index(self, user: User, update: Update, engine: Engine, allowance: Allowance) -> UserTable:
        """Make an index: one file of all rows, sorted by the column, in which values are looked up by Bloom filters.

        Rows are sorted along the HEALPix curve where the column is one of the position.

        Raises
        ------
        NotFound, NotAllowed, BadParameter
            As `check_update` has it; or the values are not unique.
        Conflict
            The table was changed meanwhile.
        QueryStopped, TookTooLong, TooLarge, Unavailable
            A limit was met.
        """
        table = self.check_update(user, update)
        column = table.kept.column(update.column).name
        others = (index for index in table.indexes if index.column != column)
        wanted = replace(table, indexes=(*others, Index(column=column, unique=update.unique)))
        self._check_unique(wanted, engine, allowance)
        new = self._sorted(wanted, order_of(table, column), engine, allowance)
        made = self._settled(table, new, lambda: self.store.change(table, replaced(wanted, table, new)))
        # Queries read what this index has replaced for a while, and no longer what one before it has.
        self.parts.remove_parts(table, table.retired)
        return made

    def share(self, user: User, name: str, change: Callable[[Sharing], Sharing]) -> UserTable:
        """Let other groups use a table.

        Raises
        ------
        NotFound, NotAllowed
            The user has no such table, or is not its owner.
        """
        table = self.owned(name, user)
        return self.store.change(table, lambda now: replace(now, sharing=change(now.sharing)))

    def remove(self, user: User, name: str) -> None:
        """Remove a table with its rows.

        Raises
        ------
        NotFound, NotAllowed
            The user has no such table, or is not its owner.
        """
        table = self.owned(name, user)
        self.store.remove(table)
        self.parts.remove(table)

    def readable_table(self, name: str, user: User) -> UserTable:
        """Give a table that a user may query, by its name as a query or a path has it; NotFound for others."""
        return self.store.get(known_name(name), user)

    def writable(self, name: str, user: User) -> UserTable:
        """Give a table to which a user may add; NotFound where it may not query it, else NotAllowed."""
        table = self.readable_table(name, user)
        if not table.may_write(user):
            raise NotAllowed(f"You may query {table.name!r}, not change it.", f"Ask {table.owner}, who made it.")
        return table

    def loadable(self, name: str, user: User) -> UserTable:
        """Give a table as `writable` does; TooLarge where its owner has no space left."""
        table = self.writable(name, user)
        self.store.check_space(table.owner)
        return table

    def owned(self, name: str, user: User) -> UserTable:
        """Give a table that a user made; NotFound where it may not query it, else NotAllowed."""
        table = self.readable_table(name, user)
        if table.owner != user.name:
            raise NotAllowed(f"The table {table.name!r} is of {table.owner}, who alone may do this.")
        return table

    def check_update(self, user: User, update: Update) -> UserTable:
        """Give the table that an index is to be made for.

        Raises
        ------
        NotFound, NotAllowed, BadParameter
            The user may not change it, or it has no such column.
        """
        table = self.writable(update.table, user)
        if all(column.name.lower() != update.column for column in table.columns):
            shown = ", ".join(column.name for column in table.columns[:20])
            raise BadParameter(f"{table.name} has no column {update.column[:80]!r}; it has: {shown}.", field="INDEX")
        return table

    def clean(self) -> None:
        """Remove files that no table has."""
        self.parts.clean(self._known())

    def clean_copies(self) -> None:
        """Remove this machine's copies of files that no table has."""
        self.parts.clean_copies(self._known())

    def _known(self) -> dict[str, set[str]]:
        return self.store.known(time.time() - self.longest_query)

    def _written(self, table: UserTable, batches: Iterable[pa.RecordBatch], *, sort: bool = True) -> NewPart:
        """Keep rows as a part that no table has yet, along the HEALPix curve if they are to be sorted."""
        with self.parts.making() as path:
            with PartWriter(path, table, [index.column for index in table.indexes]) as writer:
                for batch in batches:
                    if batch.num_rows:
                        writer.write(fitted(batch, table.columns), sort=sort)
            return NewPart(part=self.parts.keep(table, path, writer.rows), values=tuple(writer.summaries))

    def _sorted(self, table: UserTable, order: str, engine: Engine, allowance: Allowance) -> NewPart:
        """Keep all rows of a table as one more part, in an order."""
        adql = f"{everything_of(table)} ORDER BY {order}"
        try:
            with engine.reading(engine.catalogs, OneTable(table, self.parts)).stream(
                adql, table.rows, allowance
            ) as rows:
                return self._written(table, rows.batches(), sort=False)
        except TooLarge as error:
            raise TooLarge(
                f"{table.name} is too large for an index, which one query makes: {error.message}",
                "Keep it as several tables, or do without an index.",
            ) from error

    def _settled(self, table: UserTable, new: NewPart, settle: Callable[[], UserTable]) -> UserTable:
        """Give the table that `settle` makes with a new part; nothing of that stays where it fails."""
        try:
            return settle()
        except BaseException:
            self.parts.remove_parts(table, [new.part.name])
            raise

    def _created(self, table: UserTable, new: NewPart) -> UserTable:
        whole = replace(table, parts=(new.part,), columns=described(table.columns, new.values))
        self.store.create(whole)
        return whole

    def _appended(self, table: UserTable, new: NewPart, engine: Engine) -> UserTable:
        if table.unique:
            self._check_unique(replace(table, parts=(*table.parts, new.part)), engine)
        return self.store.change(table, appended(table, new))

    def _check_unique(self, table: UserTable, engine: Engine, allowance: Allowance | None = None) -> None:
        asking = engine.reading(engine.catalogs, OneTable(table, self.parts))
        for name in table.unique:
            column = delimited(name)
            counted = f"COUNT({column}) - COUNT(DISTINCT {column})"
            adql = " ".join(("SELECT", counted, "AS again FROM", table.kept.table.written))
            again = asking.run(adql, 1, allowance).table["again"][0].as_py()
            if again:
                raise BadParameter(
                    f"{again:,} values of the column {name!r} would come again, and it is to be unique.",
                    "Nothing was changed. Leave these rows out, or make an index that is not unique.",
                )


def everything_of(table: UserTable) -> str:
    """Give the query for all rows of a table."""
    columns = ", ".join(delimited(column.name) for column in table.columns)
    return " ".join(("SELECT", columns, "FROM", table.kept.table.written))


def order_of(table: UserTable, column: str) -> str:
    """Give by what the rows are sorted, as ADQL."""
    where = table.position
    if where and column in (where.ra, where.dec):
        return f"ivo_healpix_index(29, {delimited(where.ra)}, {delimited(where.dec)})"
    return delimited(column)


def appended(before: UserTable, new: NewPart) -> Callable[[UserTable], UserTable]:
    """Give what a table becomes with a part more, which was found to fit it as it was before."""

    def after(now: UserTable) -> UserTable:
        if now.unique and now.version != before.version:
            raise changed_meanwhile(now)
        if len(now.parts) >= MOST_PARTS:
            raise TooMany(
                f"{now.name} was loaded {MOST_PARTS:,} times.",
                "Make an index, which joins its files, and go on.",
            )
        return replace(now, parts=(*now.parts, new.part), columns=described(now.columns, new.values))

    return after


def replaced(wanted: UserTable, before: UserTable, new: NewPart) -> Callable[[UserTable], UserTable]:
    """Give what a table becomes with the indexes that are wanted, when one part takes the place of those of before."""

    def after(now: UserTable) -> UserTable:
        later = tuple(part for part in now.parts if part not in before.parts)
        unchecked = bool(wanted.unique and later)
        if unchecked or now.indexes != before.indexes or not set(before.parts) <= set(now.parts):
            raise changed_meanwhile(now)
        retired = tuple(part.name for part in before.parts)
        changed = replace(now, parts=(new.part, *later), indexes=wanted.indexes)
        return replace(changed, retired=retired, retired_at=time.time())

    return after


def changed_meanwhile(table: UserTable) -> Conflict:
    """Give the refusal of a change to a table that was changed while it was made."""
    return Conflict(f"{table.name} was changed meanwhile; nothing was done.", "Do it again.")
