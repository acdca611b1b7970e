"""Tiles of a density HiPS (HiPS 1.0, sections 4.1 and 4.2): counts as FITS, densities as PNG; pure."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from astropy.io import fits

from uraniborg_portal.density.counts import Cells
from uraniborg_portal.png import encode

WIDTH_ORDER = 9
"""A tile is 2**9 = 512 pixels wide: its pixels are cells so many orders finer than it is."""
ALLSKY_ORDER, ALLSKY_WIDTH_ORDER, ALLSKY_COLUMNS = 3, 6, 27
"""The picture of the whole sky holds the tiles of order 3, 64 pixels wide, in rows of 27 (section 4.3.4)."""
WHOLE_SKY = 41252.96125
"""Square degrees."""
RAMP = np.array(
    [
        [8, 6, 20], [27, 12, 65], [74, 12, 107], [120, 28, 109], [165, 44, 96], [207, 68, 70], [237, 105, 37],
        [251, 155, 6], [247, 209, 61], [252, 255, 164],
    ],
    float,
)  # fmt: skip
"""Colours from few rows to many: matplotlib's `inferno` (CC0), whose lightness rises evenly."""

Image = npt.NDArray[np.int64]
Densities = npt.NDArray[np.float64]
Value = TypeVar("Value", bound=np.generic)


@lru_cache(maxsize=4)
def nested_of_pixels(width_order: int) -> npt.NDArray[np.int64]:
    """Give, for each pixel of a tile, the number of its cell inside of the tile's (nested), as FITS has the rows.

    Columns go along the bits of odd place; rows against those of even place, so that the last row of FITS, which is the
    first of PNG, begins with cell 0, the southern corner.
    """
    bits = np.arange(width_order)
    spread = ((np.arange(2**width_order)[:, None] >> bits & 1) << 2 * bits).sum(axis=1)
    return np.asarray(spread[::-1, None] | spread[None, :] << 1)


def image_of(values: npt.NDArray[Value]) -> npt.NDArray[Value]:
    """Give the pixels of a tile whose cells have these values, in nested order; rows as FITS has them."""
    width_order = (len(values).bit_length() - 1) // 2
    return values[nested_of_pixels(width_order)]


def mosaic(tiles: list[npt.NDArray[Value]]) -> npt.NDArray[Value]:
    """Give the picture of the whole sky from its 768 tiles; the first is at the lower left, as FITS has the rows."""
    width = 2**ALLSKY_WIDTH_ORDER
    rows = -(-len(tiles) // ALLSKY_COLUMNS)
    nothing = np.nan if tiles[0].dtype.kind == "f" else 0
    whole = np.full((rows * width, ALLSKY_COLUMNS * width), nothing, tiles[0].dtype)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, ALLSKY_COLUMNS)
        top = (rows - 1 - row) * width
        whole[top : top + width, column * width : (column + 1) * width] = tile
    return whole


def density_of(counts: Cells, order: int) -> Densities:
    """Give the decimal logarithm of rows per square degree in cells of an order; NaN where there are none."""
    area = WHOLE_SKY / (12 * 4**order)
    with np.errstate(divide="ignore"):
        found = np.log10(counts / area)
    return np.where(counts > 0, found, np.nan)


def as_fits(image: Image, order: int | None = None, pixel: int | None = None) -> bytes:
    """Give the FITS file of counts; of a tile with its order and number."""
    primary = fits.PrimaryHDU(image.astype(np.int32))
    if order is not None and pixel is not None:
        primary.header["ORDER"] = (order, "HiPS order of the tile")
        primary.header["NPIX"] = (pixel, "HEALPix number of the tile, nested")
    primary.header["BUNIT"] = ("count", "rows of the catalog in each pixel")
    content = io.BytesIO()
    primary.writeto(content)
    return content.getvalue()


def as_png(density: Densities, cuts: tuple[float, float]) -> bytes:
    """Give the PNG of densities (rows as FITS has them) between two of them; transparent where there is none."""
    low, high = cuts
    light = np.clip((density - low) / max(high - low, 1e-9), 0, 1)
    steps = np.linspace(0, 1, len(RAMP))
    drawn = np.zeros((*density.shape, 4), np.uint8)
    seen = np.isfinite(density)
    for channel in range(3):
        drawn[..., channel] = np.interp(np.where(seen, light, 0), steps, RAMP[:, channel])
    drawn[..., 3] = np.where(seen, 255, 0)
    drawn[~seen] = 0
    return encode(drawn[::-1])
