"""Pairs of positions that are near each other, by k-d trees of unit vectors."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from uraniborg_portal.errors import TooLarge

Degrees = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
MOST_PAIRS = 30_000_000
"""Pairs that are found at once at most."""
ROUNDING = 1e-15
"""By how much a coordinate of a unit vector may be wrong."""


def pairs(first: tuple[Degrees, Degrees], second: tuple[Degrees, Degrees], degrees: float) -> tuple[Rows, Rows]:
    """Give the rows of two lists of positions that are within an angle of each other, sorted by the first.

    Every such pair is found; pairs that are farther apart by less than rounding may be, too.

    Parameters
    ----------
    first, second
        Longitudes and latitudes, degrees; rows where one is NaN are near nothing.
    degrees
        0 to 180.

    Raises
    ------
    TooLarge
        There are too many.
    """
    known = [np.flatnonzero(np.isfinite(lon) & np.isfinite(lat)) for lon, lat in (first, second)]
    trees = [
        cKDTree(unit_vectors(lon[rows], lat[rows]), balanced_tree=False, compact_nodes=False)
        for (lon, lat), rows in zip((first, second), known, strict=True)
    ]
    chord = 2 * math.sin(math.radians(min(degrees, 180.0)) / 2) * (1 + 1e-9) + 8 * ROUNDING
    if min(len(rows) for rows in known) and trees[0].count_neighbors(trees[1], chord) > MOST_PAIRS:
        raise TooLarge(
            f"More than {MOST_PAIRS:,} pairs of rows are within {degrees:g} degrees of each other.",
            "Ask for a smaller angle, or for a smaller part of the sky.",
        )
    found = trees[0].sparse_distance_matrix(trees[1], chord, output_type="ndarray")
    left, right = known[0][found["i"]], known[1][found["j"]]
    order = np.argsort(left, kind="stable")
    return left[order], right[order]


def unit_vectors(longitudes: Degrees, latitudes: Degrees) -> npt.NDArray[np.float64]:
    """Give unit vectors, shape (n, 3), of degrees."""
    lon, lat = np.radians(longitudes), np.radians(latitudes)
    level = np.cos(lat)
    return np.stack([level * np.cos(lon), level * np.sin(lon), np.sin(lat)], axis=1)
