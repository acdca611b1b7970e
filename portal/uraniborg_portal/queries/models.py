"""A query result that is kept, and what asks for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal, Protocol

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.allowance import Allowance
from uraniborg_portal.engine.models import Cone
from uraniborg_portal.engine.stream import QueryStream
from uraniborg_portal.engine.upload import Upload
from uraniborg_portal.queries.repeat import python_of, python_of_kept


class RunsQueries(Protocol):
    """What runs ADQL."""

    def stream(
        self, adql: str, maxrec: int, allowance: Allowance | None = None, uploads: Sequence[Upload] = ()
    ) -> QueryStream:
        """Give at most `maxrec` rows of a query as they come; `uploads` are tables that it reads.

        Raises
        ------
        QueryRefused
            The text is no query that we answer.
        TookTooLong, Unavailable
            A limit was met.
        """


@dataclass(frozen=True, kw_only=True)
class ResultPosition:
    """Which columns of a result say where a row is: right ascension and declination, degrees, ICRS."""

    ra: str
    dec: str


@dataclass(frozen=True, kw_only=True)
class UsedTable:
    """A kept table that a query read as `TAP_UPLOAD.name`."""

    name: str
    id: str
    text: str = ""
    """A list of targets as it was pasted, where it is short."""


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a result is, beside its rows."""

    rows: int
    requested: int
    """The row limit of the query."""
    overflow: bool
    columns: tuple[Column, ...]
    position: ResultPosition | None
    epoch: float | None
    """Julian year of the positions."""
    notes: tuple[str, ...]
    seconds: float
    """How long the query took."""
    cone: Cone | None = None
    """Where the query looked."""
    uploads: tuple[UsedTable, ...] = ()
    """The kept tables that the query read."""
    text: str = ""
    """What a list of targets was written as, where it was pasted and is short."""

    service: str = ""
    """The other TAP service that answered; empty for this portal's own catalogs."""

    @property
    def rows_text(self) -> str:
        """Give the words for how much it holds."""
        return f"{self.rows:,} {'row' if self.rows == 1 else 'rows'}".replace(",", "\N{NARROW NO-BREAK SPACE}")


@dataclass(frozen=True, kw_only=True)
class StoredResult:
    """A result on disk. Who has its id may read it: the id is 128 random bits."""

    id: str
    owner: str | None
    """Who made it; None for an anonymous query."""
    adql: str
    """The query; empty for a table that somebody sent, and for a list of targets."""
    created: float
    """Unix time."""
    expires: float
    """Unix time after which it is gone."""
    description: Description

    @property
    def python(self) -> str:
        """The code that gives the same table: by the query again, or as it is kept where that can't be repeated."""
        told = self.description
        if not self.adql or (not told.uploads and "TAP_UPLOAD" in self.adql.upper()):
            return python_of_kept(self.id)
        return python_of(self.adql, told.requested, told.uploads, told.service)

    def as_json(self) -> dict[str, object]:
        """Give the answer of `GET api/queries/{id}`."""
        described = asdict(self.description)
        return {
            "id": self.id,
            "adql": self.adql,
            **described,
            "created": self.created,
            "expires": self.expires,
            "python": self.python,
        }


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One condition of the form."""

    column: str
    operator: str
    value: object = None


@dataclass(frozen=True, kw_only=True)
class Order:
    """How the form orders rows."""

    column: str
    descending: bool = False


@dataclass(frozen=True, kw_only=True)
class Center:
    """Where a cone points, degrees, ICRS, at epoch J2000; proper motion in mas/yr."""

    ra: float
    dec: float
    name: str
    source: str
    kind: str = "position"
    pmra: float | None = None
    pmdec: float | None = None


@dataclass(frozen=True, kw_only=True)
class Form:
    """What a filled form asks of a catalog."""

    center: Center | None = None
    radius: float | None = None
    """Degrees."""
    filters: tuple[Filter, ...] = ()
    columns: tuple[str, ...] | None = None
    """None: the catalog's principal columns."""
    rows: int = 1000
    order: Order | None = None
    epoch: float | None = None
    """Julian year to which stars are moved; None leaves them at the catalog's epoch."""


@dataclass(frozen=True, kw_only=True)
class Composed:
    """The query that a form makes."""

    adql: str
    notes: tuple[str, ...] = field(default=())
    center: Center | None = None
    uploads: dict[str, str] = field(default_factory=dict)
    """Ids of the kept tables that it reads, by their names."""


FormatName = Literal["votable", "fits", "csv", "parquet", "arrow"]
