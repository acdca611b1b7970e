"""The HEALPix cells of a circle on the sky; too many rather than too few."""

from __future__ import annotations

import math

import astropy.units as u
import cdshealpix
import numpy as np
import numpy.typing as npt
from mocpy import MOC

from uraniborg_portal.adql.band import REACH, Cells


def of_disk(longitude: float, latitude: float, radius: float, order: int) -> MOC:
    """Give a MOC, of cells of `order`, that holds every position within `radius` degrees of a place.

    `MOC.from_cone` leaves out cells at the edge of some circles wider than ten degrees.
    """
    centre = unit_vector(math.radians(longitude), math.radians(latitude))
    cells: Cells = np.arange(12, dtype=np.uint64)
    for each in range(order + 1):
        if each:
            cells = (cells[:, None] * np.uint64(4) + np.arange(4, dtype=np.uint64)).ravel().astype(np.uint64)
        cells = cells[touches(each, cells, centre, radius)]
    moc: MOC = MOC.from_healpix_cells(cells, np.full(len(cells), order, dtype=np.uint8), max_depth=order)
    return moc


def touches(order: int, cells: Cells, centre: npt.NDArray[np.float64], radius: float) -> npt.NDArray[np.bool_]:
    """Say for each cell whether it may touch the circle."""
    longitudes, latitudes = cdshealpix.nested.healpix_to_lonlat(cells, order)
    there = unit_vector(longitudes.to_value(u.rad), latitudes.to_value(u.rad))
    chord = np.linalg.norm(there - centre, axis=-1)
    farthest = math.radians(min(radius + REACH / 2**order, 180.0))
    return np.asarray(chord <= 2 * math.sin(farthest / 2), dtype=np.bool_)


def unit_vector(longitude: npt.ArrayLike, latitude: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Give unit vectors, in the last axis, of radians."""
    lon, lat = np.asarray(longitude), np.asarray(latitude)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)
