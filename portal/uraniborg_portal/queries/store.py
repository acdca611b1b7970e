"""Kept results: a Parquet file each in the portal's files, and a row that describes it."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.database import METADATA
from uraniborg_portal.engine.models import Cone, Rows
from uraniborg_portal.errors import NotFound
from uraniborg_portal.formats import batches
from uraniborg_portal.queries.models import Description, ResultPosition, StoredResult, UsedTable
from uraniborg_portal.settings import ResultLimits
from uraniborg_portal.storage import Storage

RESULTS = sa.Table(
    "results",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(255), nullable=True),
    sa.Column("adql", sa.Text, nullable=False),
    sa.Column("description", sa.JSON, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Index("results_of_owner", "owner", "created"),
    sa.Index("results_by_expiry", "expires"),
)

FOLDER = "results"
FILE = "result.parquet"
LEFT = 3600.0
"""Files that no row knows of are removed after this, seconds: until then one may still be written."""
IDENTIFIER = re.compile(r"[0-9a-f]{32}")
LISTED = 50
"""Results that a list shows at most, the newest first."""


class ResultStore:
    """Keeps results until they expire, or until their owner's space is full: then the oldest goes first."""

    def __init__(
        self, database: sa.Engine, storage: Storage, limits: ResultLimits, clock: Callable[[], float] = time.time
    ) -> None:
        self.database = database
        self.storage = storage
        self.limits = limits
        self.clock = clock

    def save(
        self, result: Rows, describe: Callable[[], Description], owner: str | None, identifier: str | None = None
    ) -> StoredResult:
        """Keep a result as its rows come, described when they have ended; nothing stays of one without its end.

        Its identifier is random where none is given.

        Raises
        ------
        Unavailable
            The store is full or refuses.
        PortalError
            The rows ended early.
        """
        identifier = identifier or secrets.token_hex(16)
        size = self.write(identifier, result)
        now = self.clock()
        lifetime = self.limits.days * 86400 if owner else self.limits.anonymous_hours * 3600
        stored = StoredResult(
            id=identifier,
            owner=owner,
            adql=result.adql,
            created=now,
            expires=now + lifetime,
            description=describe(),
        )
        with self.database.begin() as rows:
            rows.execute(RESULTS.insert().values(**row_of(stored), bytes=size))
        self.make_room(owner, keep=stored.id)
        return stored

    def write(self, identifier: str, result: Rows) -> int:
        """Write rows as they come and give their size in bytes; the file appears when it is complete."""
        with self.storage.incoming(FOLDER) as incoming:
            written = incoming / identifier
            written.mkdir()
            with pq.ParquetWriter(written / FILE, batches.schema(result.columns), compression="zstd") as file:
                for batch in result.batches():
                    file.write_batch(batches.exact(batch, result.columns))
            size = (written / FILE).stat().st_size
            self.storage.put_folder(written, self.path(identifier), last=FILE)
        return size

    def get(self, identifier: str) -> StoredResult:
        """Give a result by its id.

        Raises
        ------
        NotFound
            There is none, or its time is over.
        """
        if IDENTIFIER.fullmatch(identifier):
            with self.database.connect() as rows:
                row = rows.execute(RESULTS.select().where(RESULTS.c.id == identifier)).mappings().one_or_none()
            if row and row["expires"] > self.clock():
                return stored_of(row)
        raise gone(identifier)

    def table(self, identifier: str) -> pa.Table:
        """Give the rows of a result, in its own order.

        Raises
        ------
        NotFound
            The file is gone.
        """
        try:
            content = self.storage.read(f"{self.path(identifier)}/{FILE}")
        except FileNotFoundError as error:
            raise gone(identifier) from error
        return pq.read_table(pa.BufferReader(content))

    def path(self, identifier: str) -> str:
        """Give the folder of a result in the portal's files."""
        return f"{FOLDER}/{identifier}"

    def of_owner(self, owner: str) -> list[StoredResult]:
        """Give the results of a user's queries, the newest first; tables that they sent are none."""
        query = (
            RESULTS.select()
            .where(RESULTS.c.owner == owner, RESULTS.c.adql != "", RESULTS.c.expires > self.clock())
            .order_by(RESULTS.c.created.desc())
            .limit(LISTED)
        )
        with self.database.connect() as rows:
            return [stored_of(row) for row in rows.execute(query).mappings()]

    def remove(self, identifiers: list[str]) -> None:
        """Remove results; an id that is gone is no error."""
        with self.database.begin() as rows:
            rows.execute(RESULTS.delete().where(RESULTS.c.id.in_(identifiers)))
        for identifier in identifiers:
            self.storage.remove(self.path(identifier))

    def clean(self) -> None:
        """Remove what has expired, and what a crash left half written."""
        now = self.clock()
        with self.database.connect() as rows:
            known = {row.id: row.expires for row in rows.execute(sa.select(RESULTS.c.id, RESULTS.c.expires))}
        self.remove([identifier for identifier, expires in known.items() if expires <= now])
        for name, changed in self.storage.entries(FOLDER).items():
            if name not in known and changed < now - LEFT:
                self.storage.remove(self.path(name))

    def make_room(self, owner: str | None, keep: str) -> None:
        """Remove the oldest results of an owner (of all anonymous ones together) until the others fit."""
        query = (
            sa.select(RESULTS.c.id, RESULTS.c.bytes)
            .where(RESULTS.c.owner == owner if owner else RESULTS.c.owner.is_(None), RESULTS.c.id != keep)
            .order_by(RESULTS.c.created.desc())
        )
        with self.database.connect() as rows:
            others = [(row.id, row.bytes) for row in rows.execute(query)]
        total, leaving = 0, []
        for identifier, size in others:
            total += size
            if total > self.limits.megabytes_per_user * 1_000_000:
                leaving.append(identifier)
        self.remove(leaving)


def gone(identifier: str) -> NotFound:
    """Give the refusal of a result that is not here."""
    return NotFound(f"There is no result {identifier[:40]!r}; results are kept for days only.", "Run the query again.")


def row_of(stored: StoredResult) -> dict[str, Any]:
    """Give the database row of a result."""
    plain = {name: getattr(stored, name) for name in ("id", "owner", "adql", "created", "expires")}
    return {**plain, "description": asdict(stored.description)}


def stored_of(row: sa.RowMapping) -> StoredResult:
    """Give the result of a database row."""
    described = dict(row["description"])
    columns = tuple(Column(**column) for column in described.pop("columns"))
    position, cone = described.pop("position"), described.pop("cone", None)
    uploads = tuple(UsedTable(**table) for table in described.pop("uploads", ()))
    description = Description(
        **{**described, "notes": tuple(described["notes"])},
        columns=columns,
        uploads=uploads,
        position=ResultPosition(**position) if position else None,
        cone=Cone(**cone) if cone else None,
    )
    plain = {name: row[name] for name in ("id", "owner", "adql", "created", "expires")}
    return StoredResult(**plain, description=description)
