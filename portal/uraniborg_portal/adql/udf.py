"""User-defined functions: one decorated function each, which also fills the service's capabilities."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from uraniborg_portal.adql.models import Point, Term
from uraniborg_portal.adql.sky import call, minus, number, plus, times
from uraniborg_portal.catalogs.models import Column, Position

Build = Callable[["Asked"], Term | str]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A call of a user-defined function."""

    arguments: Sequence[Term]
    position: Position | None
    """Of the table whose columns are asked, where all come from one."""
    scan: str | None
    fastest: float
    """The largest proper motion of that table, mas/yr; infinite where it is not known."""
    healpix: Callable[[], exp.Expr | None]
    """Gives the rows' HEALPix index of order 29, where the table has one."""


@dataclass(frozen=True, kw_only=True)
class UserFunction:
    """A user-defined function as capabilities describe it."""

    name: str
    signature: str
    """`name(arg TYPE, ...) -> TYPE`, as TAPRegExt wants it."""
    description: str
    arguments: int
    build: Build
    """Gives the value, or a sentence why it can't be."""


USER_FUNCTIONS: dict[str, UserFunction] = {}
"""By name in upper case."""


def user_function(signature: str) -> Callable[[Build], Build]:
    """Register a function under its signature; its docstring is its description."""

    def register(build: Build) -> Build:
        name, _, rest = signature.partition("(")
        count = rest.partition(")")[0].count(",") + 1
        USER_FUNCTIONS[name.upper()] = UserFunction(
            name=name, signature=signature, description=(build.__doc__ or "").strip(), arguments=count, build=build
        )
        return build

    return register


@user_function("ivo_healpix_index(hpx_order INTEGER, ra DOUBLE PRECISION, dec DOUBLE PRECISION) -> BIGINT")
def healpix_index(asked: Asked) -> Term | str:
    """Give the HEALPix pixel (nested) of a catalog's position at an order from 0 to 29."""
    order = asked.arguments[0].constant
    where = asked.position
    columns = names_of(asked.arguments[1:])
    if not isinstance(order, int) or not 0 <= order <= 29:
        return "the order of ivo_healpix_index is a whole number from 0 to 29"
    index = asked.healpix() if where and columns == [where.ra, where.dec] else None
    if index is None:
        return "ivo_healpix_index takes the position columns of one table"
    shift = exp.Literal.number(2 * (29 - order))
    pixel = exp.Paren(this=exp.BitwiseRightShift(this=index, expression=shift))
    description = f"HEALPix pixel, nested, order {order}"
    return Term(
        sql=pixel,
        column=Column(name="ivo_healpix_index", datatype="long", ucd="pos.healpix", description=description),
    )


@user_function(
    "ivo_epoch_prop_pos(ra DOUBLE PRECISION, dec DOUBLE PRECISION, parallax DOUBLE PRECISION, pmra DOUBLE PRECISION, "
    "pmdec DOUBLE PRECISION, radial_velocity DOUBLE PRECISION, ref_epoch DOUBLE PRECISION, out_epoch DOUBLE PRECISION)"
    " -> POINT"
)
def moved_position(asked: Asked) -> Term | str:
    """Give the position at another epoch after straight motion in space.

    Angles in degrees, parallax in mas, proper motions (that of ra with cos(dec)) in mas/yr, velocity in km/s, epochs in
    Julian years. What is NULL among parallax, proper motions and velocity counts as 0.
    """
    ra, dec, parallax, pmra, pmdec, velocity, start, end = (argument.sql for argument in asked.arguments)
    years = minus(end, start)
    milliarcsecond = math.radians(1 / 3_600_000)
    east, north = (times(or_zero(motion), number(milliarcsecond), years) for motion in (pmra, pmdec))
    out = plus(number(1), times(or_zero(velocity), or_zero(parallax), number(milliarcsecond / KM_S_IN_AU_YR), years))
    lat = call("radians", dec)
    up = plus(times(out, call("sin", lat)), times(north, call("cos", lat)))
    level = minus(times(out, call("cos", lat)), times(north, call("sin", lat)))
    turned = plus(ra, call("degrees", call("atan2", east, level)), number(720))
    width = call("sqrt", plus(times(level, level), times(east, east)))
    point = Point(
        longitude=exp.Paren(this=exp.Mod(this=turned, expression=number(360))),
        latitude=call("degrees", call("atan2", up, width)),
        scan=asked.scan if stays_near(asked) else None,
        moved=reach(asked),
    )
    return Term(sql=exp.Null(), column=Column(name="ivo_epoch_prop_pos", datatype="double", unit="deg"), shape=point)


KM_S_IN_AU_YR = 4.740470463533349
"""One astronomical unit per Julian year, km/s."""


def or_zero(value: exp.Expr) -> exp.Expr:
    """Give the value, 0 for NULL."""
    return exp.Coalesce(this=value.copy(), expressions=[number(0)])


def stays_near(asked: Asked) -> bool:
    """Say whether rows of the moved positions can be searched by the stored ones."""
    where = asked.position
    columns = names_of(asked.arguments)
    expected = where and [where.ra, where.dec, where.pmra, where.pmdec]
    return is_zero(asked.arguments[5]) and math.isfinite(reach(asked)) and [*columns[:2], *columns[3:5]] == expected


def names_of(terms: Sequence[Term]) -> list[str | None]:
    """Give the names of table columns, None for calculated values."""
    return [term.origin[1] if term.origin and term.scan else None for term in terms]


def is_zero(term: Term) -> bool:
    """Say whether a value is the constant 0 or NULL."""
    return term.constant == 0 or isinstance(term.sql, exp.Null)


def reach(asked: Asked) -> float:
    """Give how far rows move at most, degrees."""
    start, end = asked.arguments[6].constant, asked.arguments[7].constant
    if start is None or end is None:
        return math.inf
    return 1.01 * asked.fastest * abs(end - start) / 3_600_000
