"""Tiles have their cells where readers of HiPS look for them."""

from __future__ import annotations

import io

import astropy.units as u
import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from cdshealpix import nested
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from uraniborg_portal.density.tiles import as_fits, as_png, density_of, image_of, mosaic, nested_of_pixels


def test_the_corners_of_a_tile() -> None:
    # As Aladin Lite 3.8.2 and reproject 0.21 have them: east and north first in FITS, south and west last.
    assert nested_of_pixels(1).tolist() == [[1, 3], [0, 2]]
    assert nested_of_pixels(2).tolist() == [[5, 7, 13, 15], [4, 6, 12, 14], [1, 3, 9, 11], [0, 2, 8, 10]]


@pytest.mark.parametrize("pixel", [0, 137, 290, 500])
def test_pixels_are_where_the_projection_of_the_tile_has_them(pixel: int) -> None:
    """The tile as a part of an HPX projection (Calabretta and Roukema 2007), turned by 45 degrees."""
    wcs, size = WCS(naxis=2), 16
    wcs.wcs.ctype = ["RA---HPX", "DEC--HPX"]
    step = 45 / size / 2**3
    wcs.wcs.cd = [[-step, -step], [step, -step]]
    wcs.wcs.set_pv([(2, 1, 4), (2, 2, 3)])
    cells = pixel * size**2 + nested_of_pixels(4)
    lon, lat = nested.healpix_to_lonlat(cells.ravel().astype(np.uint64), 7)
    x, y = wcs.wcs_world2pix(lon.to_value(u.deg), lat.to_value(u.deg), 0)
    columns, rows = (np.rint(axis - axis.min()).astype(int) for axis in (x, y))
    assert np.array_equal(rows * size + columns, np.arange(size**2))


@given(st.integers(0, 5), st.data())
def test_a_tile_holds_every_cell_once(width_order: int, data: st.DataObject) -> None:
    values = np.array(data.draw(st.lists(st.integers(0, 99), min_size=4**width_order, max_size=4**width_order)))
    assert sorted(image_of(values).ravel()) == sorted(values)


def test_the_picture_of_the_sky_has_its_first_tile_at_the_top_of_a_png() -> None:
    tiles = [np.full((64, 64), number, float) for number in range(768)]
    whole = mosaic(tiles)
    assert whole.shape == (29 * 64, 27 * 64)
    assert (whole[::-1][0, 0], whole[::-1][0, 64], whole[::-1][64, 0]) == (0, 1, 27)
    assert np.isnan(whole[::-1][-1, -1])


def test_files() -> None:
    counts = np.array([0, 1, 10, 100])
    with fits.open(io.BytesIO(as_fits(image_of(counts), 3, 7))) as opened:
        assert np.array_equal(opened[0].data, [[1, 100], [0, 10]])
        assert (opened[0].header["ORDER"], opened[0].header["NPIX"]) == (3, 7)
    density = density_of(counts, 4)
    png = np.asarray(Image.open(io.BytesIO(as_png(image_of(density), (density[1], density[3])))))
    assert png[0, 0, 3] == 0 and (png[..., 3] > 0).sum() == 3
    assert int(png[1, 0, :3].sum()) < int(png[0, 1, :3].sum()) < int(png[1, 1, :3].sum())
