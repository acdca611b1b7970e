"""What a catalog and its columns are: frozen values that describe, and never load, rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uraniborg_portal.catalogs import layout

DATATYPES = ("boolean", "short", "int", "long", "float", "double", "char", "unicodeChar")
"""VOTable 1.4 datatypes that a column may have; strings have `arraysize` `*`."""
TEXTS = ("char", "unicodeChar")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a catalog or of a query result, as VOTable and TAP_SCHEMA describe it."""

    name: str
    datatype: str
    """One of `DATATYPES`."""
    arraysize: str | None = None
    """None for a scalar, `*` for a string of any length, and for an array of numbers of any length."""
    unit: str | None = None
    """A VOUnit string."""
    ucd: str | None = None
    """A UCD1+ word."""
    xtype: str | None = None
    """What a text or an array means (DALI 1.1, section 3.3): `timestamp`."""
    description: str = ""
    minimum: float | None = None
    """The least finite value, None for strings and for columns without values."""
    maximum: float | None = None
    nulls: int | None = None
    """Rows without a value (NULL or NaN)."""
    principal: bool = False
    """Shown by default."""
    utype: str | None = None
    """Its role in a data model."""
    links: str | None = None
    """URL of the DataLink service that takes its values as ID, where there is one."""
    stored: str | None = None
    """The path of its values in the files, as `nested.path_of` reads it; None where that is its name."""

    @property
    def is_array(self) -> bool:
        """Whether its values are arrays of numbers."""
        return self.arraysize is not None and self.datatype not in TEXTS

    def __post_init__(self) -> None:
        if self.datatype not in DATATYPES:
            raise ValueError(f"datatype {self.datatype!r} of column {self.name!r} is not one of {DATATYPES}")


def named(columns: Sequence[Column], name: str) -> Column:
    """Give the column of that name, any case.

    Raises
    ------
    KeyError
        No column has this name.
    """
    for column in columns:
        if column.name.lower() == name.lower():
            return column
    raise KeyError(name)


@dataclass(frozen=True, kw_only=True)
class Position:
    """Which columns say where a row is, and when."""

    ra: str
    """Column of the right ascension, degrees, ICRS."""
    dec: str
    """Column of the declination, degrees, ICRS."""
    epoch: float | None = None
    """Julian year of the positions; None where positions have no epoch (galaxies)."""
    pmra: str | None = None
    """Column of the proper motion in right ascension times cos(dec), mas/yr."""
    pmdec: str | None = None
    """Column of the proper motion in declination, mas/yr."""


@dataclass(frozen=True, kw_only=True)
class Readers:
    """Who may read a catalog: members of any of these groups, and these users."""

    groups: tuple[str, ...] = ()
    """Groups as the hub names them."""
    users: tuple[str, ...] = ()
    """Users as the hub names them."""


@dataclass(frozen=True, kw_only=True)
class Director:
    """The catalog to whose rows those of another one belong, by an identifier: they lie where its rows lie."""

    catalog: str
    """Its name."""
    identifier: str
    """Its column whose value names a row."""
    column: str
    """The column of the other catalog that has such values."""
    version: int
    """The version whose rows were looked up."""
    stamp: str
    """That version's `Catalog.stamp`."""


def director_from_json(said: Mapping[str, Any] | None) -> Director | None:
    """Give the director of what `asdict` and JSON made of one."""
    return Director(**said) if said else None


def readers_from_json(said: Mapping[str, Sequence[str]] | None) -> Readers | None:
    """Give the readers of what `asdict` and JSON made of them."""
    return Readers(**{kind: tuple(names) for kind, names in said.items()}) if said else None


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """One installed catalog: a HATS collection that is queried as one table."""

    name: str
    """The ADQL table name: lower case letters, digits and underscores."""
    title: str
    description: str
    columns: tuple[Column, ...]
    position: Position
    rows: int
    """Rows with a position: those that can be searched."""
    rows_without_position: int
    """Rows of the source that have no position; they are counted and left out."""
    licence: str
    citation: str
    identifier: str | None = None
    """Column whose value names a row (HIP number, NGC name)."""
    version: str = "1"
    readers: Readers | None = None
    """Who may read it; None: everyone whom the portal lets read."""
    stamp: str = ""
    """Tells which identifiers are where: versions of which rows lie elsewhere have others. Empty where that is not
    known."""
    holds: tuple[str, ...] = ()
    """Stamps of the versions to which rows were appended: all of their rows are in this one, where they were."""
    unique: bool = False
    """Whether no two rows have one value of `identifier`; False where that is not known."""
    of: Director | None = None
    """The catalog to whose rows its own belong; None where they lie by themselves."""

    def homes(self, column: str) -> frozenset[str]:
        """Give stamps of the rows that the values of a column name, where rows lie with those; empty for all others.

        Rows of two catalogs whose values are equal lie in one HEALPix cell of order 29 where they share a stamp.
        """
        own = (self.stamp, *self.holds) if self.stamp and self.unique and column == self.identifier else ()
        return frozenset((*own, self.of.stamp) if self.of and column == self.of.column else own)

    def column(self, name: str) -> Column:
        """Give the column of that name, any case.

        Raises
        ------
        KeyError
            No column has this name.
        """
        return named(self.columns, name)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where the shards of a catalog are that is used where it is, on another host."""

    url: str
    """Of the primary table: https, http or s3."""
    mark: str
    """Of what the table's metadata said when it was added; a table that was made anew there has another one."""
    row_bytes: float | None = None
    """Bytes of a shard's file for each of its rows, about; None where the host does not say."""


@dataclass(frozen=True, kw_only=True)
class Shard:
    """One HEALPix cell of a catalog: the rows whose position lies in it, sorted by `_healpix_29`."""

    order: int
    """HEALPix order of the cell, 0 to 29."""
    pixel: int
    """Number of the cell in the nested scheme."""
    rows: int
    """Rows in the shard."""
    path: Path
    """Its Parquet file; where a HATS catalog stores folders (`hats_npix_suffix=/`), that folder."""
    margin_path: Path | None = None
    """Rows of other shards that lie within the margin around this one; None where there are none."""
    url: str | None = None
    """Where its file comes from, which is at `path` only when it has been fetched; None where that is there."""
    parts: int | None = None
    """How many files its folder has, where we wrote them; None where it has none, or the disk alone knows."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The Parquet files of the shard, in order."""
        if self.parts is not None:
            return tuple(self.path / layout.part_name(number) for number in range(self.parts))
        return _parquet_files(self.path)

    @property
    def margin_files(self) -> tuple[Path, ...]:
        """The Parquet files of the margin around the shard; empty where there is none."""
        return () if self.margin_path is None else _parquet_files(self.margin_path)

    @property
    def healpix_range(self) -> tuple[int, int]:
        """The first index of order 29 inside the cell, and the first after it."""
        shift = 2 * (29 - self.order)
        return self.pixel << shift, (self.pixel + 1) << shift


@dataclass(frozen=True, kw_only=True)
class Collection:
    """Where a catalog is on disk: a HATS collection, its primary table and its margin."""

    root: Path
    """The folder of `collection.properties`; the primary table's own folder where there is no collection."""
    primary: Path
    """The folder of the primary table's `hats.properties`."""
    margin: Path | None
    """The folder of the margin table; None where there is no margin."""
    margin_arcsec: float
    """Width of the margin in arcseconds; 0 without a margin."""
    healpix_column: str | None
    """Column of the HEALPix index by which rows are sorted; None in catalogs without one."""
    healpix_order: int
    """Order of that index."""
    suffix: str = ".parquet"
    """What follows the pixel number in the names of shards; `/` where each shard is a folder."""
    margin_suffix: str = ".parquet"
    """The same for the margin."""
    origin: Origin | None = None
    """Where its shards come from; None where they are in `primary`, which otherwise has all other files."""
    kept: Path | None = None
    """The folder of the shards that were fetched, in place of `primary`; None without an origin."""

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders whose files a query reads."""
        return (self.primary,) if self.kept is None else (self.primary, self.kept)


def _parquet_files(path: Path) -> tuple[Path, ...]:
    # A cell's own file ends in its suffix; a folder of files has none. The disk is not asked, a million times.
    return (path,) if path.suffix else tuple(sorted(path.glob("*.parquet")))
