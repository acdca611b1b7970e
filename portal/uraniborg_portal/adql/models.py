"""What binding gives: typed values, shapes on the sky, the tables that a query reads, and the query itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from sqlglot import exp

from uraniborg_portal.adql.cover import Anchor, SkyCover
from uraniborg_portal.adql.datatypes import NUMBERS, TEXTS
from uraniborg_portal.adql.words import delimited
from uraniborg_portal.catalogs.models import Column, Position

Places = Mapping[str, tuple[float, float] | str]
"""Right ascension and declination (degrees, ICRS, epoch J2000) by name, or a sentence why there are none."""


IN_MEMORY = ("TAP_SCHEMA.", "TAP_UPLOAD.", "ivoa.")
"""Schemas whose tables are at hand when a query runs, as their names begin."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table that queries may name."""

    name: str
    """As it is written in a query, `schema.table` or `table`."""
    columns: tuple[Column, ...]
    position: Position | None = None
    description: str = ""
    utype: str | None = None
    """Its role in a data model."""
    has_regions: bool = False
    """Whether what makes its rows answers `RegionTest`."""

    def is_placed_by(self, anchor: Anchor) -> bool:
        """Say whether two columns are the position of its rows."""
        where = self.position
        return where is not None and (anchor.longitude, anchor.latitude) == (where.ra, where.dec)

    @property
    def parts(self) -> tuple[str, ...]:
        """The schema, where it has one, and the table: a schema's name may have points, a table's has none."""
        return tuple(part for part in self.name.rpartition(".")[::2] if part)

    @property
    def schema(self) -> str:
        """The schema's name as a query has it; empty where the table has none."""
        return delimited(self.parts[0]) if len(self.parts) > 1 else ""

    @property
    def written(self) -> str:
        """The name as a query has it."""
        return ".".join(delimited(part) for part in self.parts)

    @property
    def in_memory(self) -> bool:
        """Whether its rows are at hand and in no file: the service's own tables, and those that came with the query."""
        return self.name.startswith(IN_MEMORY)


@dataclass(frozen=True, kw_only=True)
class Point:
    """A position on the sphere, degrees, as SQL; `fixed` where both numbers are constants."""

    longitude: exp.Expr
    latitude: exp.Expr
    fixed: tuple[float, float] | None = None
    scan: str | None = None
    """The scan whose rows' positions these are."""
    anchor: Anchor | None = None
    """The columns of one scan that it was made of."""
    moved: float = 0.0
    """How far the point can be from the row's position at most, degrees."""
    turned: Turned | None = None
    """What it was before a rotation of the sphere, where it is not fixed."""
    unit: tuple[exp.Expr, exp.Expr, exp.Expr] | None = None
    """Its unit vector as SQL, where that is at hand."""

    @property
    def is_stored(self) -> bool:
        """Whether it is the position of a catalog's rows, as it is."""
        return self.scan is not None and isinstance(self.longitude, exp.Column)


Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
"""A rotation of the sphere: what it makes of unit vectors, row by row."""


@dataclass(frozen=True, kw_only=True)
class Turned:
    """A point, and the rotation that it was given."""

    start: Point
    matrix: Matrix


@dataclass(frozen=True, kw_only=True)
class Circle:
    """A circle on the sphere; the radius in degrees, as SQL and, where constant, as a number."""

    center: Point
    radius: exp.Expr
    fixed: float | None = None
    largest: float | None = None
    """What no row's radius is above, degrees, where that is known."""


@dataclass(frozen=True, kw_only=True)
class Polygon:
    """A polygon of great circles with constant vertices, degrees."""

    vertices: tuple[tuple[float, float], ...]


Shape = Point | Circle | Polygon


Relation = Literal["shares", "holds", "within"]
"""Whether a region shares a point with a shape, holds all of it, or is within it."""


@dataclass(frozen=True, kw_only=True)
class RegionTest:
    """What a query asks of the regions that a column holds in words."""

    name: str
    """The column that is to hold the answers, true or false, NULL where there is no region."""
    table: str
    column: str
    relation: Relation
    shape: Shape
    """It is constant."""


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """Points of two tables that are within an angle of each other, degrees, wherever a condition is true."""

    points: tuple[Point, Point]
    degrees: float


SkyCoverOf = dict[str, SkyCover]
"""For each scan, where the rows are that can fulfil a condition; scans that are not named can be anywhere."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """A bound value: its SQL, and what it is."""

    sql: exp.Expr
    column: Column
    """Name, type, unit, UCD and description of the value."""
    constant: float | int | None = None
    """The number, where it is one for every row."""
    shape: Shape | None = None
    """The geometry, where the value is one; such a value has no SQL of its own."""
    scan: str | None = None
    """The scan whose column this is, where nothing stands between."""
    origin: tuple[str, str] | None = None
    """The scan and column that this shows unchanged, also through sub-queries."""
    distance: tuple[Point, Point] | None = None
    """The points whose distance this is."""
    inside: SkyCoverOf = field(default_factory=dict)
    """Where the rows are for which this (CONTAINS, INTERSECTS) is 1."""
    truth: exp.Expr | None = None
    """The condition that is true where this value is 1, false where it is 0."""

    @property
    def datatype(self) -> str:
        """The VOTable datatype."""
        return self.column.datatype

    @property
    def is_number(self) -> bool:
        """Whether it can be calculated with; NULL can."""
        is_single = self.datatype in NUMBERS and not self.column.is_array
        return self.shape is None and (is_single or isinstance(self.sql, exp.Null))

    @property
    def is_text(self) -> bool:
        """Whether it is a text; NULL can be."""
        return self.shape is None and (self.datatype in TEXTS or isinstance(self.sql, exp.Null))

    @property
    def is_array(self) -> bool:
        """Whether it is an array of numbers; NULL can be."""
        is_several = self.datatype in NUMBERS and bool(self.column.arraysize)
        return self.shape is None and (is_several or isinstance(self.sql, exp.Null))

    @property
    def kind(self) -> str:
        """What it is, as an error message names it."""
        named = {"a number": self.is_number, "a text": self.is_text, "an array": self.is_array}
        return next((words for words, is_it in named.items() if is_it), "a truth value")

    def named(self, name: str) -> Term:
        """Give the same value under another name."""
        return self if self.column.name == name else replace(self, column=replace(self.column, name=name))


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A bound search condition."""

    sql: exp.Expr
    cover: SkyCoverOf = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Scan:
    """One reading of a table: which columns, and where on the sky."""

    key: str
    """The name that stands for it in the SQL."""
    table: Table
    columns: tuple[str, ...]
    """Columns that the query uses, in the table's order."""
    cover: SkyCover | None = None
    """Where the rows are that can matter; None for everywhere."""
    healpix: bool = False
    """Whether the query uses the HEALPix index of the rows."""
    computed: tuple[tuple[str, exp.Expr], ...] = ()
    """Columns that are computed once for each row that is read, by name, of the table's own."""
    tests: tuple[RegionTest, ...] = ()
    """What is asked of the regions of its rows; `columns` has the names."""


@dataclass(frozen=True, kw_only=True)
class BoundQuery:
    """A query whose names are all known; its SQL reads tables named by the keys of `scans`."""

    sql: exp.Query
    columns: tuple[Column, ...]
    origins: tuple[tuple[str, str] | None, ...]
    """For each column the scan and column that it shows unchanged, None for calculated ones."""
    scans: tuple[Scan, ...]
    top: int | None
    """Rows that the query itself asks for at most."""
    notes: tuple[str, ...] = ()
