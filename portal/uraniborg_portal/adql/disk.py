"""The HEALPix cells of a circle on the sky; too many rather than too few."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt
from astropy_healpix import healpy, neighbours
from mocpy import MOC

from uraniborg_portal.adql.band import REACH

Cells = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float64]
"""Unit vectors; their three parts are the last axis."""
FIRST_ORDER = 4
"""Where the search for the cells of wide circles begins: the centres of all of its cells (3,072) are at hand."""
ACROSS = 29.0
"""Degrees that a cell of order 0 is at least across; one of any other order is half of it for each order."""


def of_disk(longitude: float, latitude: float, radius: float, order: int) -> MOC:
    """Give a MOC, of cells of `order`, that holds every position within `radius` degrees of a place.

    `MOC.from_cone` leaves out cells at the edge of some circles wider than ten degrees.
    """
    place = unit_vector(math.radians(longitude), math.radians(latitude))
    # Cells around the centre are refined once at least: not all of them touch the circle.
    first = min(finest_around(radius), order - 1)
    if first > FIRST_ORDER:
        cells = cells_around(longitude, latitude, first)
    else:
        first = min(FIRST_ORDER, order)
        cells = np.flatnonzero(near(first, every_centre(first), place, radius))
    for finer in range(first + 1, order + 1):
        cells = (4 * cells[:, None] + np.arange(4)).ravel()
        cells = cells[near(finer, centres(finer, cells), place, radius)]
    moc: MOC = MOC.from_healpix_cells(cells.astype(np.uint64), np.full(len(cells), order, np.uint8), max_depth=order)
    return moc


def finest_around(radius: float) -> int:
    """Give the finest order at which a circle lies in the cell of its centre and those that touch it, 29 at most."""
    return max(0, min(29, int(math.log2(ACROSS / max(radius, ACROSS / 2**29)))))


def cells_around(longitude: float, latitude: float, order: int) -> Cells:
    """Give the cell of a place, and those that touch it."""
    cell = healpy.ang2pix(2**order, longitude, latitude, nest=True, lonlat=True)
    found = np.append(neighbours(cell, 2**order, order="nested"), cell)
    return np.asarray(found[found >= 0], dtype=np.int64)


def centres(order: int, cells: Cells) -> Vectors:
    """Give where the centres of cells are."""
    # Not by cdshealpix, which starts threads for each call: these are few cells, and many calls.
    return np.stack(healpy.pix2vec(2**order, cells, nest=True), axis=-1)


@cache
def every_centre(order: int) -> Vectors:
    """Give where the centres of all cells of an order are."""
    return centres(order, np.arange(12 * 4**order))


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
