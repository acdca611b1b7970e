"""Shapes turned with the sphere, and turned back: a search in galactic coordinates is one of the stored positions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from uraniborg_portal.adql.models import Circle, Matrix, Point, Polygon, Shape, Turned
from uraniborg_portal.adql.polygons import position_of, triple, vector_of
from uraniborg_portal.adql.sky import call, dot, number, plus, times, vector


def matrix_of(values: npt.NDArray[np.float64]) -> Matrix:
    """Give a rotation of an array (3, 3)."""
    return triple(values[0]), triple(values[1]), triple(values[2])


def product(second: Matrix, first: Matrix) -> Matrix:
    """Give the rotation that does the one after the other."""
    return matrix_of(np.array(second) @ np.array(first))


def inverse(matrix: Matrix) -> Matrix:
    """Give the rotation back."""
    return matrix_of(np.array(matrix).T)


def turned(shape: Shape, matrix: Matrix) -> Shape:
    """Give a turned geometry."""
    if isinstance(shape, Polygon):
        return Polygon(vertices=tuple(turned_position(vertex, matrix) for vertex in shape.vertices))
    if isinstance(shape, Circle):
        return replace(shape, center=turned_point(shape.center, matrix))
    return turned_point(shape, matrix)


def turned_position(position: tuple[float, float], matrix: Matrix) -> tuple[float, float]:
    """Give a turned constant position, degrees."""
    return position_of(np.array(matrix) @ np.array(vector_of(*position)))


def turned_point(point: Point, matrix: Matrix) -> Point:
    """Give a turned point; one that was turned before is turned once."""
    if point.fixed:
        longitude, latitude = turned_position(point.fixed, matrix)
        return Point(longitude=number(longitude), latitude=number(latitude), fixed=(longitude, latitude))
    start, whole = (point.turned.start, product(matrix, point.turned.matrix)) if point.turned else (point, matrix)
    where = vector(start)
    x, y, z = (dot(row, where) for row in whole)
    around = plus(call("degrees", call("atan2", y, x)), number(360))
    across = call("sqrt", plus(times(x, x), times(y, y)))
    return Point(
        longitude=exp.Paren(this=exp.Mod(this=around, expression=number(360))),
        latitude=call("degrees", call("atan2", z, across)),
        turned=Turned(start=start, matrix=whole),
    )


def turned_back(first: Shape, second: Shape) -> tuple[Shape, Shape]:
    """Give two shapes that lie to each other as these do, without a rotation where it can be left out."""
    a, b = turn_of(first), turn_of(second)
    if a and (is_constant(second) or (b and a.matrix == b.matrix)):
        return started(first), started(second) if b else turned(second, inverse(a.matrix))
    if b and is_constant(first):
        return turned(first, inverse(b.matrix)), started(second)
    return first, second


def place_of(shape: Shape) -> Point | None:
    """Give where a point or a circle is, None for a polygon, whose vertices are constant."""
    return shape.center if isinstance(shape, Circle) else shape if isinstance(shape, Point) else None


def turn_of(shape: Shape) -> Turned | None:
    """Give the rotation that a point or a circle was given."""
    place = place_of(shape)
    return place.turned if place else None


def is_constant(shape: Shape) -> bool:
    """Say whether a shape is at the same place for every row; a circle's radius may change."""
    place = place_of(shape)
    return place is None or place.fixed is not None


def started(shape: Shape) -> Shape:
    """Give a turned point or circle as it was before."""
    if isinstance(shape, Circle) and shape.center.turned:
        return replace(shape, center=shape.center.turned.start)
    return shape.turned.start if isinstance(shape, Point) and shape.turned else shape
