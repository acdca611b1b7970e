"""The HEALPix cells of a circle on the sky; too many rather than too few."""

from __future__ import annotations

import math
from functools import cache

import astropy.units as u
import cdshealpix
import numpy as np
import numpy.typing as npt
from mocpy import MOC

from uraniborg_portal.adql.band import REACH, Cells

Vectors = npt.NDArray[np.float64]
"""Unit vectors; their three parts are the last axis."""
FIRST_ORDER = 4
"""Where the search begins: looking at all of its cells (3,072) takes less time than computing those of a finer one."""


def of_disk(longitude: float, latitude: float, radius: float, order: int) -> MOC:
    """Give a MOC, of cells of `order`, that holds every position within `radius` degrees of a place.

    `MOC.from_cone` leaves out cells at the edge of some circles wider than ten degrees.
    """
    place = unit_vector(math.radians(longitude), math.radians(latitude))
    first = min(FIRST_ORDER, order)
    cells: Cells = np.flatnonzero(near(first, every_centre(first), place, radius)).astype(np.uint64)
    for each in range(first + 1, order + 1):
        cells = (cells[:, None] * np.uint64(4) + np.arange(4, dtype=np.uint64)).ravel().astype(np.uint64)
        cells = cells[near(each, centres(each, cells), place, radius)]
    moc: MOC = MOC.from_healpix_cells(cells, np.full(len(cells), order, dtype=np.uint8), max_depth=order)
    return moc


def centres(order: int, cells: Cells) -> Vectors:
    """Give where the centres of cells are."""
    longitudes, latitudes = cdshealpix.nested.healpix_to_lonlat(cells, order)
    return unit_vector(longitudes.to_value(u.rad), latitudes.to_value(u.rad))


@cache
def every_centre(order: int) -> Vectors:
    """Give where the centres of all cells of an order are."""
    return centres(order, np.arange(12 * 4**order, dtype=np.uint64))


def near(order: int, there: Vectors, place: Vectors, radius: float) -> npt.NDArray[np.bool_]:
    """Say for each centre whether its cell may touch the circle."""
    chord = np.linalg.norm(there - place, axis=-1)
    farthest = math.radians(min(radius + REACH / 2**order, 180.0))
    return np.asarray(chord <= 2 * math.sin(farthest / 2), dtype=np.bool_)


def unit_vector(longitude: npt.ArrayLike, latitude: npt.ArrayLike) -> Vectors:
    """Give unit vectors, in the last axis, of radians."""
    lon, lat = np.asarray(longitude), np.asarray(latitude)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)
