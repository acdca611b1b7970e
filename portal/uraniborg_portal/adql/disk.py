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
"""Where the search for the cells of wide circles begins: the centres of all of its cells (3,072) are at hand."""
AT_ONCE = 2
"""Orders by which cells are made finer in one go: the centres of a few hundred are known as soon as those of one."""
ACROSS = 29.0
"""Degrees that a cell of order 0 is at least across; one of any other order is half of it for each order."""


def of_disk(longitude: float, latitude: float, radius: float, order: int) -> MOC:
    """Give a MOC, of cells of `order`, that holds every position within `radius` degrees of a place.

    `MOC.from_cone` leaves out cells at the edge of some circles wider than ten degrees.
    """
    place = unit_vector(math.radians(longitude), math.radians(latitude))
    # Cells around the centre are refined once at least: not all of them touch the circle.
    first = min(finest_around(radius), order - AT_ONCE)
    if first > FIRST_ORDER:
        cells = cells_around(longitude, latitude, first)
    else:
        first = min(FIRST_ORDER, order)
        cells = np.flatnonzero(near(first, every_centre(first), place, radius)).astype(np.uint64)
    while first < order:
        finer = min(AT_ONCE, order - first)
        first += finer
        cells = (cells[:, None] * np.uint64(4**finer) + np.arange(4**finer, dtype=np.uint64)).ravel()
        cells = cells[near(first, centres(first, cells), place, radius)]
    moc: MOC = MOC.from_healpix_cells(cells, np.full(len(cells), order, dtype=np.uint8), max_depth=order)
    return moc


def finest_around(radius: float) -> int:
    """Give the finest order at which a circle lies in the cell of its centre and those that touch it, 29 at most."""
    return max(0, min(29, int(math.log2(ACROSS / max(radius, ACROSS / 2**29)))))


def cells_around(longitude: float, latitude: float, order: int) -> Cells:
    """Give the cell of a place, and those that touch it."""
    lon, lat = np.array([longitude % 360]) * u.deg, np.array([latitude]) * u.deg
    cell = cdshealpix.nested.lonlat_to_healpix(lon, lat, order, num_threads=1)
    found = cdshealpix.nested.neighbours(cell, order, num_threads=1).ravel()
    return np.asarray(found[found >= 0], dtype=np.uint64)


def centres(order: int, cells: Cells) -> Vectors:
    """Give where the centres of cells are."""
    longitudes, latitudes = cdshealpix.nested.healpix_to_lonlat(cells, order, num_threads=1)
    return unit_vector(longitudes.to_value(u.rad), latitudes.to_value(u.rad))


@cache
def every_centre(order: int) -> Vectors:
    """Give where the centres of all cells of an order are."""
    return centres(order, np.arange(12 * 4**order, dtype=np.uint64))


def near(order: int, there: Vectors, place: Vectors, radius: float) -> npt.NDArray[np.bool_]:
    """Say for each centre whether its cell may touch the circle."""
    farthest = math.radians(min(radius + REACH / 2**order, 180.0))
    # The chord of an angle, and the scalar product of its ends: chord^2 = 2 - 2 cos.
    chord = there - place
    return np.asarray(np.einsum("...i,...i", chord, chord) <= (2 * math.sin(farthest / 2)) ** 2, dtype=np.bool_)


def unit_vector(longitude: npt.ArrayLike, latitude: npt.ArrayLike) -> Vectors:
    """Give unit vectors, in the last axis, of radians."""
    lon, lat = np.asarray(longitude), np.asarray(latitude)
    level = np.cos(lat)
    return np.stack([level * np.cos(lon), level * np.sin(lon), np.sin(lat)], axis=-1)
