"""Regions of the sky in words: STC-S as TAP 1.0 (section 6) has it, which ObsCore 1.1 takes for `s_region`."""

from __future__ import annotations

from itertools import chain

import numpy as np
from cdshealpix.nested import healpix_to_lonlat, vertices
from mocpy import MOC

from uraniborg_portal.catalogs.shard import CELL_ARCSEC

FINEST = 9
"""The HEALPix order of the smallest cells that a region is written with: they are 7 arcminutes wide."""
MOST_CELLS = 128
"""Cells that a region is written with at most: a larger or finer one is written with coarser cells around it."""
STRAIGHT = 5
"""The HEALPix order from which on edges of cells are great circles, nearly; those of larger ones have more points."""
POLAR = 4
"""Cells from a pole within which edges are bent, whatever the order: four corners would leave out a tenth."""
MOST_STEPS = 4
"""Points on each of their edges at most."""
DIGITS = 5
"""Digits behind the point of a vertex, degrees: 0.04 arcseconds."""


def region_of(area: MOC) -> str | None:
    """Give a region that holds an area of the sky: polygons of HEALPix cells, ICRS; None where the area is empty."""
    finest = area if area.max_order <= FINEST else area.degrade_to_order(FINEST)
    coarser = (finest.degrade_to_order(order) for order in range(finest.max_order - 1, -1, -1))
    few = next(cells for cells in map(cells_of, chain([finest], coarser)) if len(cells) <= MOST_CELLS)
    corners = [corners_of(order, pixel) for order, pixel in few]
    if len(corners) == 1:
        return f"POLYGON ICRS {corners[0]}"
    polygons = " ".join(f"POLYGON {each}" for each in corners)
    return f"UNION ICRS ({polygons})" if corners else None


def cells_of(area: MOC) -> list[tuple[int, int]]:
    """Give the cells of a MOC, order and number, as few as there can be."""
    return [(int(order), pixel) for order, pixels in area.serialize("json").items() for pixel in pixels]


def corners_of(order: int, pixel: int) -> str:
    """Give what a cell's edge runs through, longitude and latitude, degrees: counterclockwise as the sky is seen."""
    steps = MOST_STEPS if is_polar(order, pixel) else min(2 ** max(0, STRAIGHT - order), MOST_STEPS)
    longitude, latitude = vertices(np.array([pixel], np.uint64), order, step=steps)
    pairs = zip(longitude.deg[0][::-1], latitude.deg[0][::-1], strict=True)
    return " ".join(f"{lon:.{DIGITS}f} {lat:.{DIGITS}f}" for lon, lat in pairs)


def is_polar(order: int, pixel: int) -> bool:
    """Say whether a cell is one of those around a pole."""
    _, latitude = healpix_to_lonlat(np.array([pixel], np.uint64), order)
    return bool(90 - abs(float(latitude.deg[0])) < POLAR * CELL_ARCSEC / 3600 / 2**order)
