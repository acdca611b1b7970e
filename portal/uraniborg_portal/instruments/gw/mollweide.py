"""Mollweide's equal-area projection (Snyder 1987, USGS PP 1395, section 31), East to the left as the sky is seen.

The ellipse reaches from -2 to 2 in x and from -1 to 1 in y.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Angles = NDArray[np.float64]
"""Degrees."""


def project(east: Angles, latitude: Angles) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give x and y of positions; `east` is the longitude from the middle of the plot, from -180 to 180."""
    theta = auxiliary(np.radians(latitude))
    return -east / 90 * np.cos(theta), np.sin(theta)


def auxiliary(latitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve 2 t + sin 2t = pi sin(latitude) for t by Newton's method, to 1e-12; radians."""
    theta = latitude.astype(float)
    target = np.pi * np.sin(latitude)
    for _ in range(100):
        slope = np.maximum(2 + 2 * np.cos(2 * theta), 1e-9)
        step = (2 * theta + np.sin(2 * theta) - target) / slope
        theta = theta - step
        if np.abs(step).max(initial=0) < 1e-12:
            break
    return theta.clip(-np.pi / 2, np.pi / 2)


def longitude_latitude(x: NDArray[np.float64], y: NDArray[np.float64], center: float) -> tuple[Angles, Angles]:
    """Give the positions at x and y, longitudes from 0 to 360; NaN outside the ellipse."""
    theta = np.arcsin(y.clip(-1, 1))
    cosine = np.cos(theta)
    with np.errstate(divide="ignore", invalid="ignore"):
        east = np.where(cosine > 1e-12, -x / cosine * 90, 0.0)
    outside = (np.abs(east) > 180) | (x**2 / 4 + y**2 > 1 + 1e-12)
    longitude = np.where(outside, np.nan, (east + center) % 360)
    sine = ((2 * theta + np.sin(2 * theta)) / np.pi).clip(-1, 1)
    return longitude, np.where(outside, np.nan, np.degrees(np.arcsin(sine)))
