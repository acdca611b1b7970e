"""Pairs of positions that are near each other: one list sorted by zones of declination, and in each by right ascension.

J. Gray, M. A. Nieto-Santisteban and A. S. Szalay, "The Zones Algorithm for Finding Points-Near-a-Point or
Cross-Matching Spatial Datasets" (MSR-TR-2006-52). It takes a fifth of the time of k-d trees of unit vectors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from uraniborg_portal.engine.positions import Positions
from uraniborg_portal.errors import TooLarge

MOST_PAIRS = 30_000_000
"""Pairs that are found at once at most."""
MOST_CANDIDATES = 4_000_000
"""Pairs that are looked at together."""
DOUBT = 1e-9
"""Degrees by which angles are wider, so that rounding loses no pair, and within which last digits decide on one."""
LONGITUDE_BITS = 37
"""Bits of a sort key that hold the right ascension: steps of 3e-9 degrees. The zone's number is before them."""
LOWEST = 1e-4
"""Height of zones at least, degrees: their numbers have room in a key."""
SAMPLED = 1_000
"""Rows that tell how dense the others are."""
Degrees = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Rows of two lists that are near each other; three arrays of one length."""

    left: Rows
    """Rises."""
    right: Rows
    sure: Truths
    """Whether they are within the angle whatever the last digits; the others may be farther apart by `DOUBT`."""


def pairs(first: Positions, second: Positions, degrees: float) -> Pairs:
    """Give the rows of two lists of positions that are within an angle of each other.

    Every such pair is found; pairs that are farther apart by less than rounding may be, too.

    Parameters
    ----------
    first, second
        Rows of which a number is no position are near nothing.
    degrees
        0 to 90.

    Raises
    ------
    TooLarge
        There are too many.
    """
    (left, ours), (right, theirs) = known(first), known(second)
    zones = Zones(height(theirs, degrees), degrees)
    keys = zones.keys(zones.of(theirs[1]), theirs[0])
    order = np.argsort(keys)
    keys = keys[order]
    found = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_))]
    count = 0
    for mine, low, high in zones.searches(ours):
        start, stop = np.searchsorted(keys, low, side="left"), np.searchsorted(keys, high, side="right")
        for a, place in candidates(mine, start, stop):
            b = order[place]
            far = haversines(ours, a, theirs, b)
            near = np.flatnonzero(far <= haversine(degrees + DOUBT))
            found.append((a[near], b[near], far[near] <= haversine(degrees - DOUBT)))
            count += len(near)
            if count > MOST_PAIRS:
                raise TooLarge(
                    f"More than {MOST_PAIRS:,} pairs of rows are within {degrees:g} degrees of each other.",
                    "Ask for a smaller angle, or for a smaller part of the sky.",
                )
    a, b, sure = (np.concatenate(each) for each in zip(*found, strict=True))
    order = np.argsort(a)
    return Pairs(left=left[a[order]], right=right[b[order]], sure=sure[order])


def known(places: Positions) -> tuple[Rows, Positions]:
    """Give the rows that are a position, and their positions, longitudes from 0 to below 360."""
    longitude, latitude = places
    rows = np.flatnonzero(np.isfinite(longitude) & (np.abs(latitude) <= 90))
    longitude, latitude = longitude[rows], latitude[rows]
    outside = np.flatnonzero((longitude < 0) | (longitude >= 360))
    longitude[outside] %= 360
    # What is a little below 0 is 360 in the last digit.
    longitude[longitude >= 360] = 0.0
    return rows, (longitude, latitude)


def haversine(degrees: float) -> float:
    """Give the haversine of an angle; below 0 of one that is, as no pair's is."""
    return math.copysign(math.sin(math.radians(degrees) / 2) ** 2, degrees)


def haversines(first: Positions, a: Rows, second: Positions, b: Rows) -> Degrees:
    """Give the haversines of the angles between rows of two lists."""
    latitude, other = first[1][a], second[1][b]
    across = np.sin(np.radians(second[0][b] - first[0][a]) / 2)
    along = np.sin(np.radians(other - latitude) / 2)
    return np.asarray(along * along + np.cos(np.radians(latitude)) * np.cos(np.radians(other)) * across * across)


def height(places: Positions, degrees: float) -> float:
    """Give the height of zones, degrees: as rows are apart, about, so that few zones are searched and few rows tried.

    Half of the rows lie where a quarter of a few of them, in each direction, tell.
    """
    longitude, latitude = (each[:: max(1, len(each) // SAMPLED)] for each in places)
    spacing = 0.0
    if len(latitude):
        turned = (longitude - longitude[0] + 180) % 360 - 180
        (west, east), (south, north) = (np.percentile(each, [25, 75]) for each in (turned, latitude))
        area = (east - west) * math.cos(math.radians((south + north) / 2)) * (north - south)
        spacing = math.sqrt(4 * max(0.0, area) / len(places[0]))
    return min(30.0, max(2 * degrees, spacing, LOWEST))


class Zones:
    """Zones of declination, in which rows are sorted by right ascension."""

    def __init__(self, height: float, degrees: float) -> None:
        self.degrees = degrees + DOUBT
        """The angle within which is searched."""
        self.count = math.ceil(180 / height)
        self.scale = (2**LONGITUDE_BITS - 1) / 360

    def of(self, latitude: Degrees) -> Rows:
        """Give the zones of latitudes; those beyond the poles are in the last ones."""
        number: Rows = ((latitude + 90) * (self.count / 180)).astype(np.int64)
        return np.clip(number, 0, self.count - 1)

    def keys(self, zone: Rows, longitude: Degrees) -> Rows:
        """Give what rows are sorted by; longitudes are from 0 to 360."""
        place: Rows = (longitude * self.scale).astype(np.int64)
        return (zone << LONGITUDE_BITS) + place

    def searches(self, places: Positions) -> Iterator[tuple[Rows, Rows, Rows]]:
        """Give the keys that circles around positions touch: numbers of positions, and the least and the most of each.

        No key is named twice for a position. They rise: to look up what rises takes a third of the time.
        """
        longitude, latitude = places
        width = widths(latitude, self.degrees)
        whole = width >= 180
        low, high = np.where(whole, 0.0, longitude - width), np.where(whole, 360.0, longitude + width)
        bottom, top = self.of(latitude - self.degrees), self.of(latitude + self.degrees)
        mine = np.arange(len(longitude))
        for step in range(int((top - bottom).max(initial=-1)) + 1):
            mine = mine[bottom[mine] + step <= top[mine]]
            zone = bottom[mine] + step
            yield self._within(mine, zone, np.maximum(low[mine], 0), np.minimum(high[mine], 360))
            # What lies beyond 0 or 360 degrees is at the other end of the zone.
            west, east = np.flatnonzero(low[mine] < 0), np.flatnonzero(high[mine] > 360)
            yield self._within(mine[west], zone[west], low[mine[west]] + 360, np.full(len(west), 360.0))
            yield self._within(mine[east], zone[east], np.zeros(len(east)), high[mine[east]] - 360)

    def _within(self, mine: Rows, zone: Rows, low: Degrees, high: Degrees) -> tuple[Rows, Rows, Rows]:
        least, most = self.keys(zone, low), self.keys(zone, high)
        order = np.argsort(least)
        return mine[order], least[order], most[order]


def widths(latitude: Degrees, degrees: float) -> Degrees:
    """Give how far circles reach in longitude to either side, degrees; 180 where one holds a pole."""
    level = np.cos(np.radians(latitude))
    sine = np.sin(math.radians(degrees)) / np.maximum(level, 1e-300)
    polar = (np.abs(latitude) + degrees >= 90) | (sine >= 1)
    return np.where(polar, 180.0, np.degrees(np.arcsin(np.minimum(sine, 1.0))) + DOUBT)


def candidates(mine: Rows, start: Rows, stop: Rows) -> Iterator[tuple[Rows, Rows]]:
    """Give pairs of numbers and of places from `start` to before `stop` of each, some at a time."""
    counts = stop - start
    some = np.flatnonzero(counts)
    mine, start, counts = mine[some], start[some], counts[some]
    if not len(mine):
        return
    until = np.cumsum(counts)
    block = (until - 1) // MOST_CANDIDATES
    cuts = np.flatnonzero(np.diff(block, prepend=-1))
    for a, b in zip(cuts, [*cuts[1:], len(mine)], strict=True):
        some = counts[a:b]
        first = np.repeat(start[a:b] - (np.cumsum(some) - some), some)
        yield np.repeat(mine[a:b], some), first + np.arange(some.sum())
