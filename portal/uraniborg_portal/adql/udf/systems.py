"""Positions in other coordinate systems, as GAVO's services have it."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from astropy.coordinates import SkyCoord
from sqlglot import exp

from uraniborg_portal.adql.models import Circle, Point, Polygon, Shape, Term
from uraniborg_portal.adql.polygons import position_of, vector_of
from uraniborg_portal.adql.sky import call, dot, number, plus, times, vector
from uraniborg_portal.adql.udf.registry import Asked, user_function
from uraniborg_portal.catalogs.models import Column

SYSTEMS = {"ICRS": "icrs", "FK5": "fk5", "GALACTIC": "galactic", "SUPERGALACTIC": "supergalactic"}
"""Systems that are a rotation away from each other, as astropy names them."""


@cache
def rotation(given: str, wanted: str) -> npt.NDArray[np.float64]:
    """Give the matrix (3, 3) that turns unit vectors of a system into those of another."""
    axes = SkyCoord(np.eye(3), unit="", representation_type="cartesian", frame=SYSTEMS[given])
    turned: npt.NDArray[np.float64] = axes.transform_to(SYSTEMS[wanted]).cartesian.xyz.value
    return turned


@user_function("gavo_transform(from_sys TEXT, to_sys TEXT, geo GEOMETRY) -> GEOMETRY")
def transform(asked: Asked) -> Term | str:
    """Give a geometry in another coordinate system; systems are ICRS, FK5, GALACTIC and SUPERGALACTIC."""
    names = [term.sql.name.upper() for term in asked.arguments[:2] if term.sql.is_string]
    if len(names) < 2 or not set(names) <= set(SYSTEMS):
        return f"gavo_transform changes between {', '.join(SYSTEMS)}, given as texts"
    matrix = rotation(*names)
    column = Column(name="gavo_transform", datatype="double", unit="deg")
    return Term(sql=exp.Null(), column=column, shape=turned(asked.shapes[0], matrix))


def turned(shape: Shape, matrix: npt.NDArray[np.float64]) -> Shape:
    """Give a turned geometry."""
    if isinstance(shape, Polygon):
        return Polygon(vertices=tuple(turned_position(vertex, matrix) for vertex in shape.vertices))
    if isinstance(shape, Circle):
        return Circle(center=turned_point(shape.center, matrix), radius=shape.radius, fixed=shape.fixed)
    return turned_point(shape, matrix)


def turned_position(position: tuple[float, float], matrix: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Give a turned constant position, degrees."""
    return position_of(matrix @ np.array(vector_of(*position)))


def turned_point(point: Point, matrix: npt.NDArray[np.float64]) -> Point:
    """Give a turned point."""
    if point.fixed:
        longitude, latitude = turned_position(point.fixed, matrix)
        return Point(longitude=number(longitude), latitude=number(latitude), fixed=(longitude, latitude))
    where = vector(point)
    x, y, z = (dot((float(row[0]), float(row[1]), float(row[2])), where) for row in matrix)
    around = plus(call("degrees", call("atan2", y, x)), number(360))
    across = call("sqrt", plus(times(x, x), times(y, y)))
    return Point(
        longitude=exp.Paren(this=exp.Mod(this=around, expression=number(360))),
        latitude=call("degrees", call("atan2", z, across)),
    )
