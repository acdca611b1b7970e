"""What a user's table is: frozen values; its rows are in Parquet files, one or more."""

from __future__ import annotations

from dataclasses import dataclass

from uraniborg_portal.adql.datatypes import NUMBERS
from uraniborg_portal.catalogs.models import Column, Position, named
from uraniborg_portal.engine.kept import KeptTable
from uraniborg_portal.identity.models import User
from uraniborg_portal.queries.describe import position_of

MAIN = "meta.main"
DEGREES = (None, "", "deg")


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What a table is to be."""

    columns: tuple[Column, ...]
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some rows of a table: a file that never changes."""

    name: str
    """Of its folder in the table's."""
    rows: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Index:
    """A column whose values are searched fast."""

    column: str
    unique: bool
    """Whether no value may come twice; NULL may."""


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """Who but its owner may use a table: groups as the hub names them."""

    read_group: str | None = None
    """Its members may query the table."""
    write_group: str | None = None
    """Its members may query it, add rows and make an index."""


@dataclass(frozen=True, kw_only=True)
class UserTable:
    """A table as the database has it, whose row is the truth."""

    id: str
    """128 random bits in hexadecimal: the name of its folder."""
    owner: str
    """Who made it, as the hub names users."""
    name: str
    """As queries name it, in lower case: the owner's name, a point, and the table's."""
    description: str
    columns: tuple[Column, ...]
    """With the ranges of their values."""
    parts: tuple[Part, ...]
    """At least one, in the order in which they came."""
    created: float
    """Unix time."""
    indexes: tuple[Index, ...] = ()
    sharing: Sharing = Sharing()
    retired: tuple[str, ...] = ()
    """Parts that the last index has replaced, and that queries may still read."""
    retired_at: float = 0.0
    """When it did, Unix time."""
    version: int = 0
    """How often it was changed."""

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(part.rows for part in self.parts)

    @property
    def bytes(self) -> int:
        """The size of its files."""
        return sum(part.bytes for part in self.parts)

    @property
    def position(self) -> Position | None:
        """Which columns say where a row is; None where none do."""
        return main_position(self.columns)

    @property
    def unique(self) -> tuple[str, ...]:
        """Columns in which no value may come twice."""
        return tuple(index.column for index in self.indexes if index.unique)

    @property
    def kept(self) -> KeptTable:
        """The table as queries know it."""
        return KeptTable(
            name=self.name, about=f"tables of {self.owner}", description=self.description, columns=self.columns,
            position=self.position, rows=self.rows, indexed=frozenset(index.column for index in self.indexes),
        )  # fmt: skip

    def may_read(self, user: User) -> bool:
        """Say whether a user may query it."""
        return self.may_write(user) or self.sharing.read_group in user.groups

    def may_write(self, user: User) -> bool:
        """Say whether a user may add rows and make an index."""
        return user.name == self.owner or self.sharing.write_group in user.groups


def main_position(columns: tuple[Column, ...]) -> Position | None:
    """Give the columns with the UCDs of the main position (`pos.eq.ra;meta.main`), if they are numbers in degrees."""
    found = position_of(tuple(column for column in columns if MAIN in (column.ucd or "")))
    if found is None:
        return None
    pair = [named(columns, name) for name in (found.ra, found.dec)]
    if all(each.datatype in NUMBERS and each.unit in DEGREES for each in pair):
        return Position(ra=found.ra, dec=found.dec)
    return None
