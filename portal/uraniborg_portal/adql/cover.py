"""Where on the sky the rows of a constraint can be: bands of right ascension and declination, and MOCs.

A cover may be too large, never too small: it only chooses what is read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import astropy.units as u
import numpy as np
import numpy.typing as npt
from mocpy import MOC

from uraniborg_portal.adql.band import Band, of_band
from uraniborg_portal.adql.directions import unit_vectors
from uraniborg_portal.adql.disk import of_disk
from uraniborg_portal.catalogs.shard import CELL_ARCSEC, NARROWEST, margin_order

MARGIN = 1e-7
"""Degrees by which covers grow, so that rounding at an edge loses no row."""
DEEPEST = 16
"""Finest order of a cover: cells of 3 arcseconds."""
WHOLE = (0.0, 360.0, -90.0, 90.0)
FEW, FINE, COARSE = 2_000, 12, 9
"""Up to this many positions are covered by cells of the finer order at most, more of them by those of the coarser."""


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """The columns of a scan that say where its rows are, degrees, ICRS."""

    scan: str
    longitude: str
    latitude: str


@dataclass(frozen=True, kw_only=True)
class Near:
    """Rows matter that are near one of another scan's."""

    anchor: Anchor
    """Where that scan's rows are."""
    degrees: float


@dataclass(frozen=True, kw_only=True)
class Equal:
    """Rows matter whose value of a column is one of another scan's."""

    column: str
    scan: str
    """The other scan."""
    other: str
    """Its column."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What values of a column matter: those between two numbers, and of those only some, where that is known."""

    low: float = -math.inf
    high: float = math.inf
    values: frozenset[int | str] | None = None

    def __and__(self, other: Limit) -> Limit:
        """Give what both let through."""
        values = self.values if other.values is None else other.values
        if self.values is not None and other.values is not None:
            values = self.values & other.values
        return Limit(low=max(self.low, other.low), high=min(self.high, other.high), values=values)

    def __or__(self, other: Limit) -> Limit:
        """Give what either lets through, and perhaps more."""
        values = None if self.values is None or other.values is None else self.values | other.values
        return Limit(low=min(self.low, other.low), high=max(self.high, other.high), values=values)


@dataclass(frozen=True, kw_only=True)
class SkyCover:
    """Where the rows of a table matter: what lies in the band and in the MOC, near other tables' rows, in limits."""

    band: Band = WHOLE
    """Least and largest right ascension and declination, degrees."""
    moc: MOC | None = None
    """A `mocpy.MOC`, None for the whole sky."""
    cones: tuple[tuple[float, float, float], ...] = ()
    """The cones that were asked for: centre and radius in degrees; for what is shown to a reader."""
    near: tuple[Near, ...] = ()
    """Only rows matter that are near one of each of these."""
    equal: tuple[Equal, ...] = ()
    """Only rows matter that have values of all of these."""
    limits: Mapping[str, Limit] = field(default_factory=dict)
    """Only rows matter whose values of these columns are within limits; NULL never is."""

    def __and__(self, other: SkyCover) -> SkyCover:
        """Give what lies in both."""
        a, b = self.band, other.band
        band = (max(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), min(a[3], b[3]))
        limits = {**self.limits, **other.limits}
        limits |= {name: self.limits[name] & other.limits[name] for name in self.limits.keys() & other.limits.keys()}
        return SkyCover(
            band=band, moc=common(self.moc, other.moc), cones=self.cones + other.cones, near=self.near + other.near,
            equal=self.equal + other.equal, limits=limits,
        )  # fmt: skip

    def __or__(self, other: SkyCover) -> SkyCover:
        """Give what lies in either."""
        mine, theirs = self.as_moc(), other.as_moc()
        both = None if mine is None or theirs is None else mine.union(theirs)
        near = tuple(
            Near(anchor=a.anchor, degrees=max(a.degrees, b.degrees))
            for a in self.near for b in other.near if a.anchor == b.anchor
        )  # fmt: skip
        equal = tuple(each for each in self.equal if each in other.equal)
        limits = {name: self.limits[name] | other.limits[name] for name in self.limits.keys() & other.limits.keys()}
        return SkyCover(moc=both, cones=self.cones + other.cones, near=near, equal=equal, limits=limits)

    def as_moc(self) -> MOC | None:
        """Give the region as a MOC, None for the whole sky."""
        zone = None if self.band == WHOLE else of_band(grown(self.band))
        return common(zone, self.moc)


def common(a: MOC | None, b: MOC | None) -> MOC | None:
    """Give what two regions share; None is the whole sky."""
    if a is None or b is None:
        return b if a is None else a
    shared: MOC = a.intersection(b)
    return shared


def ranges_of(moc: MOC) -> tuple[tuple[int, int], ...]:
    """Give the HEALPix indexes of order 29, nested, as half-open ranges."""
    return tuple((int(low), int(high)) for low, high in moc.to_depth29_ranges)


def of_ranges(ranges: Sequence[tuple[int, int]]) -> MOC:
    """Give the MOC of half-open ranges of the HEALPix index of order 29."""
    moc: MOC = MOC.from_depth29_ranges(29, np.array(ranges, dtype=np.uint64).reshape(-1, 2))
    return moc


def spread(moc: MOC | None, degrees: float) -> MOC | None:
    """Give a region that holds all that is within some degrees of a MOC; None is the whole sky."""
    order = order_across(degrees)
    if moc is None or order is None:
        return None
    # Cells that are finer still would be many at the edge of a large region, and save little.
    order = min(order, FINE)
    wider: MOC = (moc.degrade_to_order(order) if order < moc.max_order else moc).add_neighbours()
    return wider


def around(longitudes: npt.NDArray[np.float64], latitudes: npt.NDArray[np.float64], degrees: float) -> MOC | None:
    """Give a region that holds all that is within some degrees of one of these positions; None is the whole sky.

    Numbers that are no position are left out.
    """
    order = order_across(degrees)
    if order is None:
        return None
    known = np.isfinite(longitudes) & (np.abs(latitudes) <= 90)
    order = min(order, FINE if known.sum() <= FEW else COARSE)
    cells: MOC = MOC.from_lonlat(longitudes[known] % 360 * u.deg, latitudes[known] * u.deg, max_norder=order)
    wider: MOC = cells.add_neighbours() if known.any() else MOC.new_empty(0)
    return wider


def order_across(degrees: float) -> int | None:
    """Give the finest order whose cells are nowhere narrower than some degrees; None where none is wide enough."""
    arcsec = 3600 * (degrees * (1 + 1e-9) + MARGIN)
    if not (degrees >= 0 and arcsec <= CELL_ARCSEC * NARROWEST):
        return None
    return min(DEEPEST, margin_order(arcsec))


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
    xyz = unit_vectors(*np.asarray(vertices, dtype=float).T)
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
    return max(4, min(DEEPEST, int(math.log2(CELL_ARCSEC / 3600 / max(size, 1e-9))) + 3))
