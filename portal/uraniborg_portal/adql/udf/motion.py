"""Positions at other epochs (catalogue of user-defined functions of the IVOA, section 2)."""

from __future__ import annotations

import math

from sqlglot import exp

from uraniborg_portal.adql.cover import Anchor
from uraniborg_portal.adql.models import Point, Term
from uraniborg_portal.adql.sky import call, minus, number, plus, times
from uraniborg_portal.adql.udf.registry import Asked, names_of, user_function
from uraniborg_portal.catalogs.models import Column


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
        anchor=anchor_of(asked) if stays_near(asked) else None,
        moved=reach(asked),
    )
    return Term(sql=exp.Null(), column=Column(name="ivo_epoch_prop_pos", datatype="double", unit="deg"), shape=point)


KM_S_IN_AU_YR = 4.740470463533349
"""One astronomical unit per Julian year, km/s."""


def or_zero(value: exp.Expr) -> exp.Expr:
    """Give the value, 0 for NULL."""
    return exp.Coalesce(this=value, expressions=[number(0)])


def anchor_of(asked: Asked) -> Anchor | None:
    """Give the stored position that the moved one is searched by."""
    where = asked.position
    return Anchor(scan=asked.scan, longitude=where.ra, latitude=where.dec) if where and asked.scan else None


def stays_near(asked: Asked) -> bool:
    """Say whether rows of the moved positions can be searched by the stored ones."""
    where = asked.position
    columns = names_of(asked.arguments)
    expected = where and [where.ra, where.dec, where.pmra, where.pmdec]
    return is_zero(asked.arguments[5]) and math.isfinite(reach(asked)) and [*columns[:2], *columns[3:5]] == expected


def is_zero(term: Term) -> bool:
    """Say whether a value is the constant 0 or NULL."""
    return term.constant == 0 or isinstance(term.sql, exp.Null)


def reach(asked: Asked) -> float:
    """Give how far rows move at most, degrees."""
    start, end = asked.arguments[6].constant, asked.arguments[7].constant
    if start is None or end is None:
        return math.inf
    return 1.01 * asked.fastest * abs(end - start) / 3_600_000
