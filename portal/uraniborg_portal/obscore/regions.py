"""What queries ask of regions, answered on HEALPix cells of order 11 (1.7 arcminutes), for large polygons coarser."""

from __future__ import annotations

from functools import lru_cache

import astropy.units as u
import numpy as np
from mocpy import MOC

from uraniborg_portal.adql.cover import depth
from uraniborg_portal.adql.directions import unit_vectors
from uraniborg_portal.adql.models import Circle, Polygon, Relation, Shape

ORDER = 11
KEPT = 1_000
"""Regions that are kept as cells: a large and ragged one has 0.7 MB."""


def answer(relation: Relation, region: str | None, other: MOC) -> bool | None:
    """Say how a region, STC-S, is to another area; None where there is no region."""
    if region is None:
        return None
    area = cells_of(region)
    if relation == "shares":
        return not area.intersection(other).empty()
    inner, outer = (area, other) if relation == "within" else (other, area)
    # The difference of areas that share nothing is empty in mocpy 0.21.0.
    return bool(inner.intersection(outer) == inner)


@lru_cache(maxsize=KEPT)
def cells_of(region: str) -> MOC:
    """Give the cells of a region in words."""
    found: MOC = MOC.from_stcs(region, max_depth=ORDER)
    return found


def area_of(shape: Shape) -> MOC:
    """Give the cells of a constant shape; of a point the one that it is in."""
    if isinstance(shape, Polygon):
        lon, lat = (np.array(each) * u.deg for each in zip(*shape.vertices, strict=True))
        polygon: MOC = MOC.from_polygon(lon, lat, max_depth=order_of(shape)).refine_to_order(ORDER)
        return polygon
    center, radius = (shape.center, shape.fixed) if isinstance(shape, Circle) else (shape, 0.0)
    if center.fixed is None or radius is None:
        raise ValueError(f"{shape} is not constant")
    return cells_around(*center.fixed, radius)


def order_of(shape: Polygon) -> int:
    """Give the order of cells that are a sixtieth of a polygon's size, or `ORDER`: finer ones take seconds."""
    vectors = unit_vectors(*np.array(shape.vertices).T)
    middle = vectors.mean(axis=0)
    radius = np.degrees(np.arccos(np.clip(vectors @ middle / np.linalg.norm(middle), -1, 1))).max()
    return min(depth(float(radius)) + 3, ORDER)


def cells_around(longitude: float, latitude: float, radius: float) -> MOC:
    """Give the cells of a circle, degrees, that of its middle among them."""
    if radius > 90:
        # What mocpy 0.21.0 gives for such a circle is too small.
        others: MOC = cells_around(longitude + 180, -latitude, 180 - radius).complement()
        return others
    lon, lat = longitude % 360 * u.deg, latitude * u.deg
    middle: MOC = MOC.from_lonlat(np.atleast_1d(lon), np.atleast_1d(lat), max_norder=ORDER)
    return middle.union(MOC.from_cone(lon, lat, radius=radius * u.deg, max_depth=ORDER)) if radius else middle
