"""Where on the sky the rows of a constraint can be: bands of right ascension and declination, and MOCs.

A cover may be too large, never too small: it only chooses what is read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from mocpy import MOC

from uraniborg_portal.adql.band import Band, of_band
from uraniborg_portal.adql.disk import of_disk

MARGIN = 1e-7
"""Degrees by which covers grow, so that rounding at an edge loses no row."""
DEEPEST = 16
"""Finest order of a cover: cells of 3 arcseconds."""
WHOLE = (0.0, 360.0, -90.0, 90.0)


@dataclass(frozen=True, kw_only=True)
class SkyCover:
    """A region of the sky: what lies in the band and in the MOC."""

    band: Band = WHOLE
    """Least and largest right ascension and declination, degrees."""
    moc: MOC | None = None
    """A `mocpy.MOC`, None for the whole sky."""
    cones: tuple[tuple[float, float, float], ...] = ()
    """The cones that were asked for: centre and radius in degrees; for what is shown to a reader."""

    def __and__(self, other: SkyCover) -> SkyCover:
        """Give what lies in both."""
        a, b = self.band, other.band
        band = (max(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), min(a[3], b[3]))
        return SkyCover(band=band, moc=common(self.moc, other.moc), cones=self.cones + other.cones)

    def __or__(self, other: SkyCover) -> SkyCover:
        """Give what lies in either."""
        mine, theirs = self.as_moc(), other.as_moc()
        both = None if mine is None or theirs is None else mine.union(theirs)
        return SkyCover(moc=both, cones=self.cones + other.cones)

    def as_moc(self) -> MOC | None:
        """Give the region as a MOC, None for the whole sky."""
        zone = None if self.band == WHOLE else of_band(grown(self.band))
        return common(zone, self.moc)

    def ranges(self) -> tuple[tuple[int, int], ...] | None:
        """Give the HEALPix indexes of order 29, nested, as half-open ranges; None for the whole sky."""
        moc = self.as_moc()
        if moc is None:
            return None
        return tuple((int(low), int(high)) for low, high in moc.to_depth29_ranges)


def common(a: MOC | None, b: MOC | None) -> MOC | None:
    """Give what two regions share; None is the whole sky."""
    if a is None or b is None:
        return b if a is None else a
    shared: MOC = a.intersection(b)
    return shared


def cone(longitude: float, latitude: float, radius: float, grown: float = 0.0) -> SkyCover:
    """Give the cover of a circle `grown` degrees wider; numbers outside the sphere's make an empty or whole sky."""
    asked = ((longitude, latitude, radius),)
    reach = radius + grown
    if not (math.isfinite(longitude) and math.isfinite(latitude) and math.isfinite(reach)) or reach < 0:
        return SkyCover(moc=MOC.new_empty(0))
    if reach >= 90 or not -90 <= latitude <= 90:
        return SkyCover(cones=asked)
    wide = reach * (1 + 1e-9) + MARGIN
    return SkyCover(moc=of_disk(longitude, latitude, wide, depth(wide)), cones=asked)


def polygon(vertices: Sequence[tuple[float, float]], grown: float = 0.0) -> SkyCover:
    """Give a cone around all vertices: it holds any polygon within a hemisphere."""
    xyz = unit_vectors(np.asarray(vertices, dtype=float))
    mean = xyz.mean(axis=0)
    length = float(np.linalg.norm(mean))
    if length < 1e-6:
        return SkyCover()
    mean = mean / length
    radius = math.degrees(float(np.arccos(np.clip(xyz @ mean, -1, 1)).max()))
    if radius + grown >= 90:
        return SkyCover()
    longitude, latitude = math.degrees(math.atan2(mean[1], mean[0])), math.degrees(math.asin(np.clip(mean[2], -1, 1)))
    around = cone(longitude, latitude, radius + grown + MARGIN)
    return SkyCover(moc=around.moc)


def grown(band: Band) -> Band:
    """Give the band with a margin around it."""
    return band[0] - MARGIN, band[1] + MARGIN, band[2] - MARGIN, band[3] + MARGIN


def depth(size: float) -> int:
    """Give the HEALPix order whose cells are about an eighth of `size` degrees."""
    return max(4, min(DEEPEST, int(math.log2(58.6 / max(size, 1e-9))) + 3))


def unit_vectors(points: np.ndarray) -> np.ndarray:
    """Give unit vectors (n, 3) of longitudes and latitudes (n, 2) in degrees."""
    lon, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
