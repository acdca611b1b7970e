"""The picture of a catalog: the density of its rows on the whole sky, in Mollweide's projection."""

from __future__ import annotations

import numpy as np
from cdshealpix import nested
from numpy.typing import NDArray

from uraniborg_portal.density.counts import Counts
from uraniborg_portal.png import encode

WIDTH, HEIGHT = 960, 480
MARGIN = 18
"""Pixels around the ellipse."""
FINER = 10
"""Orders by which cells are finer that hold one of many rows of a cell, wherever in it that is."""
BACKDROP = (9, 14, 24)
SKY = (15, 25, 44)
GLOW = np.array([[15, 25, 44], [24, 56, 104], [58, 118, 190], [150, 196, 236], [255, 244, 214]], float)
"""Colors from an empty sky to the densest part; even steps in lightness."""

Floats = NDArray[np.float64]


def mollweide(ra: Floats, dec: Floats) -> tuple[Floats, Floats]:
    """Project degrees to x and y from -1 to 1, east to the left, right ascension 0 in the middle."""
    latitude = np.radians(dec)
    theta = latitude.copy()
    wanted = np.pi * np.sin(latitude)
    for _ in range(12):
        slope = np.maximum(2 + 2 * np.cos(2 * theta), 1e-6)
        theta -= np.clip((2 * theta + np.sin(2 * theta) - wanted) / slope, -0.5, 0.5)
    longitude = ra - 360 * np.round(ra / 360)
    return -longitude / 180 * np.cos(theta), np.sin(theta)


def blurred(image: Floats, sigma: float) -> Floats:
    """Blur with a Gaussian of `sigma` pixels."""
    reach = int(4 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        image = np.apply_along_axis(np.convolve, axis, image, kernel, mode="same")
    return image


def density(ra: Floats, dec: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Give brightness from 0 to 1 per pixel (top row first), and which pixels are sky."""
    x, y = mollweide(ra, dec)
    half = np.array([WIDTH / 2 - MARGIN, HEIGHT / 2 - MARGIN])
    columns, rows = WIDTH / 2 + x * half[0], HEIGHT / 2 - y * half[1]
    edges = [np.arange(HEIGHT + 1), np.arange(WIDTH + 1)]
    counts, _, _ = np.histogram2d(rows, columns, bins=edges)
    up, right = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    inside = ((right - WIDTH / 2) / half[0]) ** 2 + ((up - HEIGHT / 2) / half[1]) ** 2 <= 1
    cover = np.maximum(blurred(inside.astype(float), 6), 0.2)
    wide, fine = blurred(counts, 6) / cover, blurred(counts, 0.75)
    light = 0.72 * scaled(wide, inside) + 0.5 * scaled(fine, inside)
    return np.clip(light, 0, 1) ** 1.3, inside


def scaled(image: Floats, inside: NDArray[np.bool_]) -> Floats:
    """Stretch to 0..1 between the median's half and the brightest part of one in 500 pixels, by an arcsinh."""
    shown = image[inside]
    low, high = 0.35 * float(np.median(shown)), float(np.quantile(shown, 0.998))
    return np.asarray(np.clip(np.arcsinh(3 * (image - low) / max(high - low, 1e-12)) / np.arcsinh(3), 0, 1))


def strewn(counts: Counts, most: int) -> tuple[Floats, Floats]:
    """Give positions, in degrees, that lie anywhere in the cells of some counts: as many as rows, or about `most`."""
    chance = np.random.default_rng(0)
    part = min(1.0, most / max(int(counts.rows.sum()), 1))
    cells = np.repeat(counts.cells, chance.binomial(counts.rows, part))
    finer = cells * 4**FINER + chance.integers(4**FINER, size=len(cells))
    ra, dec = nested.healpix_to_lonlat(finer, counts.order + FINER)
    return np.asarray(ra.to_value("deg")), np.asarray(dec.to_value("deg"))


def picture(ra: Floats, dec: Floats) -> bytes:
    """Give the PNG (960 x 480) of a catalog's rows on the sky; positions in degrees, ICRS, NaN left out."""
    finite = np.isfinite(ra) & np.isfinite(dec)
    light, inside = density(ra[finite], dec[finite])
    steps = np.linspace(0, 1, len(GLOW))
    image = np.empty((HEIGHT, WIDTH, 4), np.uint8)
    for channel in range(3):
        glowing = np.interp(light, steps, GLOW[:, channel])
        image[..., channel] = np.where(inside, glowing, BACKDROP[channel])
    image[..., 3] = 255
    return encode(image)
