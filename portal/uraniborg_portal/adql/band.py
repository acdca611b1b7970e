"""The HEALPix cells of a band of right ascension and declination; too many rather than too few."""

from __future__ import annotations

import math

import astropy.units as u
import cdshealpix
import numpy as np
import numpy.typing as npt
from mocpy import MOC

Cells = npt.NDArray[np.uint64]
Band = tuple[float, float, float, float]
"""Least and largest right ascension, least and largest declination, degrees."""
REACH = 62.0
"""No point of a cell is farther from its centre than this over 2**order, degrees.

The distance from the centre to the farthest corner, times 2**order, grows from 48.2 at order 0 to 61.25.
"""
FINEST = 12
MOST_CELLS = 1500
"""Splitting cells stops above this number."""


def of_band(band: Band) -> MOC:
    """Give a MOC that holds every position of the band."""
    west, east, south, north = band
    if west > east or south > north or north < -90 or south > 90 or east < 0 or west > 360:
        empty: MOC = MOC.new_empty(0)
        return empty
    order = 0
    cells: Cells = np.arange(12, dtype=np.uint64)
    cells = cells[touches(order, cells, band)]
    while order < FINEST and 0 < len(cells) <= MOST_CELLS:
        children: Cells = (cells[:, None] * np.uint64(4) + np.arange(4, dtype=np.uint64)).ravel().astype(np.uint64)
        order += 1
        cells = children[touches(order, children, band)]
    depths = np.full(len(cells), order, dtype=np.uint8)
    moc: MOC = MOC.from_healpix_cells(cells, depths, max_depth=order)
    return moc


def touches(order: int, cells: Cells, band: Band) -> npt.NDArray[np.bool_]:
    """Say for each cell whether it may touch the band."""
    west, east, south, north = band
    reach = REACH / 2**order
    longitudes, latitudes = cdshealpix.nested.healpix_to_lonlat(cells, order)
    lon, lat = longitudes.to_value(u.deg) % 360, latitudes.to_value(u.deg)
    near_pole = np.abs(lat) + reach >= 90
    ratio = math.sin(math.radians(min(reach, 90))) / np.maximum(np.cos(np.radians(lat)), 1e-9)
    aside = np.where(near_pole, 360.0, np.degrees(np.arcsin(np.minimum(ratio, 1.0))))
    middle, half = (west + east) / 2, (east - west) / 2
    away = np.abs((lon - middle + 180) % 360 - 180)
    return np.asarray((lat >= south - reach) & (lat <= north + reach) & (away <= half + aside), dtype=np.bool_)
