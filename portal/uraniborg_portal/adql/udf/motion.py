"""Positions at other epochs (catalogue of user-defined functions of the IVOA, section 2)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from uraniborg_portal.adql.cover import Anchor
from uraniborg_portal.adql.functions import over
from uraniborg_portal.adql.models import Point, Term
from uraniborg_portal.adql.sky import call, minus, number, plus, times
from uraniborg_portal.adql.udf.registry import Asked, names_of, user_function
from uraniborg_portal.catalogs.models import Column

GIVEN = (
    "ra DOUBLE PRECISION, dec DOUBLE PRECISION, parallax DOUBLE PRECISION, pmra DOUBLE PRECISION, "
    "pmdec DOUBLE PRECISION, radial_velocity DOUBLE PRECISION, ref_epoch DOUBLE PRECISION, out_epoch DOUBLE PRECISION"
)
MILLIARCSECOND = math.radians(1 / 3_600_000)
"""Radians."""
SMALLEST_PARALLAX = 1e-4
"""Milliarcseconds up to which a parallax says nothing of the distance, as in pgSphere, which other services use."""
ZERO = Term(sql=number(0), column=Column(name="number", datatype="double"), constant=0)


@dataclass(frozen=True, kw_only=True)
class Straight:
    """Straight motion in space at constant speed (ESA SP-1200 volume 1, section 1.5.5), as SQL.

    Vectors have the components level (in the plane of the equator, at the longitude of the start), east and up, and the
    distance at the start for their unit.
    """

    ra: exp.Expr
    """Longitude at the start, degrees."""
    place: tuple[exp.Expr, exp.Expr, exp.Expr]
    """Where the star is at the end."""
    speed: tuple[exp.Expr, exp.Expr, exp.Expr]
    """Its velocity, per Julian year."""
    width: exp.Expr
    """The length of level and east of the place together."""

    def longitude(self) -> exp.Expr:
        """Give the longitude at the end, 0 to 360 degrees."""
        level, east, _ = self.place
        turned = plus(self.ra, call("degrees", call("atan2", east, level)), number(720))
        return exp.Paren(this=exp.Mod(this=turned, expression=number(360)))

    def latitude(self) -> exp.Expr:
        """Give the latitude at the end, degrees."""
        return call("degrees", call("atan2", self.place[2], self.width))


def straight(terms: Sequence[Term]) -> Straight:
    """Give the motion that the eight arguments of `GIVEN` describe."""
    ra, dec, parallax, pmra, pmdec, velocity, start, end = (term.sql for term in terms)
    years, lat = minus(end, start), call("radians", dec)
    east, north = (times(or_zero(motion), number(MILLIARCSECOND)) for motion in (pmra, pmdec))
    away = times(or_zero(velocity), or_zero(parallax), number(MILLIARCSECOND / KM_S_IN_AU_YR))
    sine, cosine = call("sin", lat), call("cos", lat)

    def turned(outward: exp.Expr, northward: exp.Expr) -> tuple[exp.Expr, exp.Expr]:
        return (
            minus(times(outward, cosine), times(northward, sine)),
            plus(times(outward, sine), times(northward, cosine)),
        )

    level, up = turned(plus(number(1), times(away, years)), times(north, years))
    level_speed, up_speed = turned(away, north)
    across = times(east, years)
    return Straight(
        ra=ra,
        place=(level, across, up),
        speed=(level_speed, east, up_speed),
        width=call("sqrt", plus(times(level, level), times(across, across))),
    )


@user_function(f"ivo_epoch_prop({GIVEN}) -> DOUBLE PRECISION[6]")
def moved_star(asked: Asked) -> Term | str:
    """Give ra, dec, parallax, pmra, pmdec and velocity at another epoch after straight motion in space, as an array.

    Angles in degrees, parallax in mas, proper motions (that of ra with cos(dec)) in mas/yr, velocity in km/s, epochs in
    Julian years. What is NULL among parallax, proper motions and velocity counts as 0; where the parallax is NULL, or
    not larger than 0.0001 mas either way, the parallax and the velocity that are given are NULL. All is NULL where the
    position or an epoch is.
    """
    motion = straight(asked.arguments)
    longitude = motion.longitude()
    (level, east, up), (level_speed, east_speed, up_speed) = motion.place, motion.speed
    length = call("sqrt", plus(times(level, level), times(east, east), times(up, up)))
    along = plus(times(level_speed, level), times(east_speed, east))
    turning = minus(times(east_speed, level), times(level_speed, east))
    rising = minus(times(up_speed, motion.width, motion.width), times(up, along))
    receding = plus(along, times(up_speed, up))
    parallax = exp.Paren(this=asked.arguments[2].sql)
    milliarcseconds = number(1 / MILLIARCSECOND)
    values = (
        longitude,
        motion.latitude(),
        known(parallax, over(parallax, length)),
        times(over(turning, times(length, motion.width)), milliarcseconds),
        times(over(rising, times(length, length, motion.width)), milliarcseconds),
        known(parallax, over(times(receding, number(KM_S_IN_AU_YR / MILLIARCSECOND)), times(length, parallax))),
    )
    # Any of ra, dec and the epochs that is NULL makes the longitude so.
    there = exp.Not(this=exp.Is(this=longitude, expression=exp.Null()))
    column = Column(
        name="ivo_epoch_prop", datatype="double", arraysize="6",
        description="ra and dec (deg), parallax (mas), pmra and pmdec (mas/yr), radial velocity (km/s)",
    )  # fmt: skip
    return Term(sql=exp.Case(ifs=[exp.If(this=there, true=call("list_value", *values))]), column=column)


def known(parallax: exp.Expr, value: exp.Expr) -> exp.Expr:
    """Give a value where a parallax says how far a star is, NULL elsewhere."""
    far = exp.GT(this=call("abs", parallax), expression=number(SMALLEST_PARALLAX))
    return exp.Case(ifs=[exp.If(this=far, true=value)])


@user_function(f"ivo_epoch_prop_pos({GIVEN}) -> POINT")
def moved_position(asked: Asked) -> Term | str:
    """Give the position at another epoch after straight motion in space.

    Angles in degrees, parallax in mas, proper motions (that of ra with cos(dec)) in mas/yr, velocity in km/s, epochs in
    Julian years. What is NULL among parallax, proper motions and velocity counts as 0.
    """
    motion, near = straight(asked.arguments), stays_near(asked)
    point = Point(
        longitude=motion.longitude(),
        latitude=motion.latitude(),
        scan=asked.scan if near else None,
        anchor=anchor_of(asked) if near else None,
        moved=reach(asked),
    )
    return Term(sql=exp.Null(), column=Column(name="ivo_epoch_prop_pos", datatype="double", unit="deg"), shape=point)


@user_function(
    "ivo_epoch_prop_pos(ra DOUBLE PRECISION, dec DOUBLE PRECISION, pmra DOUBLE PRECISION, pmdec DOUBLE PRECISION, "
    "ref_epoch DOUBLE PRECISION, out_epoch DOUBLE PRECISION) -> POINT"
)
def moved_position_of_far_star(asked: Asked) -> Term | str:
    """Give the position at another epoch as the function with eight arguments does for no parallax and no velocity."""
    ra, dec, pmra, pmdec, start, end = asked.arguments
    return moved_position(replace(asked, arguments=(ra, dec, ZERO, pmra, pmdec, ZERO, start, end)))


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
