"""Polygons of great circles with constant vertices (ADQL 2.1, section 4.2.13): vectors, edges, area, centre."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Vector = tuple[float, float, float]
Vertices = Sequence[tuple[float, float]]
"""Longitudes and latitudes, degrees."""


def vector_of(longitude: float, latitude: float) -> Vector:
    """Give the unit vector of a position, degrees."""
    lon, lat = math.radians(longitude), math.radians(latitude)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


def position_of(vector: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Give the position of a vector, degrees."""
    x, y, z = (float(part) for part in vector)
    return math.degrees(math.atan2(y, x)) % 360, math.degrees(math.atan2(z, math.hypot(x, y)))


def is_flat(vertices: Vertices) -> bool:
    """Say whether vertices span nothing: fewer than three are different."""
    return len(set(vertices)) < 3


def vectors(vertices: Vertices) -> npt.NDArray[np.float64]:
    """Give the unit vectors of vertices."""
    return np.array([vector_of(*vertex) for vertex in vertices])


def unit(vector: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give the vector with length 1; a null vector stays."""
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector


Edge = tuple[Vector, Vector, Vector, Vector, Vector]
"""First and last vertex, the edge's unit normal, and the unit normals of the planes that end it."""


def edges_of(vertices: Vertices) -> list[Edge]:
    """Give the edges of a polygon; two equal vertices have none between them."""
    corners, edges = vectors(vertices), []
    for first, last in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        normal = unit(np.cross(first, last))
        if np.any(normal):
            ends = triple(unit(np.cross(normal, first))), triple(unit(np.cross(last, normal)))
            edges.append((triple(first), triple(last), triple(normal), *ends))
    return edges


def triple(vector: npt.NDArray[np.float64]) -> Vector:
    """Give the vector as three numbers."""
    return float(vector[0]), float(vector[1]), float(vector[2])


def middle(vertices: Vertices) -> npt.NDArray[np.float64]:
    """Give the direction of the sum of the vertices."""
    return unit(vectors(vertices).sum(axis=0))


def crossing_reference(vertices: Vertices) -> Vector:
    """Give a place outside of the polygon: opposite to its middle, and a little aside of every symmetry."""
    away = -middle(vertices) + np.array([0.00173, -0.00219, 0.00131])
    return triple(unit(away))


def is_hemispheric(vertices: Vertices) -> bool:
    """Say whether the vertices are farther than 89 degrees from their middle, so that inside and outside are unsure."""
    return bool((vectors(vertices) @ middle(vertices)).min() < math.cos(math.radians(89)))


def area(vertices: Vertices) -> float:
    """Give the area of a polygon within a hemisphere, square degrees."""
    corners = vectors(vertices)
    total = 0.0
    for a, b in pairwise(corners[1:]):
        top = float(np.dot(corners[0], np.cross(a, b)))
        bottom = 1 + float(corners[0] @ a + a @ b + b @ corners[0])
        total += 2 * math.atan2(top, bottom)
    return abs(total) * math.degrees(1) ** 2


def box(longitude: float, latitude: float, width: float, height: float) -> Vertices:
    """Give the corners of a box: arms along the meridian and across it, sides at right angles to the arms (STC Box)."""
    lon, lat = math.radians(longitude), math.radians(latitude)
    center = np.array(vector_of(longitude, latitude))
    east = np.array([-math.sin(lon), math.cos(lon), 0.0])
    north = np.array([-math.sin(lat) * math.cos(lon), -math.sin(lat) * math.sin(lon), math.cos(lat)])
    across, up = math.tan(math.radians(width / 2)), math.tan(math.radians(height / 2))
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return tuple(position_of(unit(center + x * across * east + y * up * north)) for x, y in signs)


def centroid(vertices: Vertices) -> tuple[float, float]:
    """Give the centre of mass of a polygon's surface, degrees (the sum over edges of angle times normal)."""
    corners, total = vectors(vertices), np.zeros(3)
    for first, last in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        normal = np.cross(first, last)
        total += unit(normal) * math.atan2(float(np.linalg.norm(normal)), float(first @ last))
    direction = unit(total)
    return position_of(direction if direction @ middle(vertices) > 0 else -direction)
