"""Rows go to the right cells, cells stay small, and margins miss nobody."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given, settings
from hypothesis import strategies as st

from uraniborg_portal.catalogs import shard

POINTS = st.lists(st.tuples(st.floats(0, 360), st.floats(-90, 90)), min_size=1, max_size=200)


def sorted_index(points: list[tuple[float, float]]) -> shard.Indices:
    ra, dec = np.array(points).T
    return np.sort(shard.healpix_index(ra, dec))


def test_the_index_is_the_nested_healpix_cell_of_order_29() -> None:
    # The centre of base cell 4 is at (0, 0); the poles are the far corners of cells 0..3 and 8..11.
    index = shard.healpix_index(np.array([0.001, 10.0, 10.0]), np.array([0.001, 89.999, -89.999]))
    assert list(index >> 58) == [4, 0, 8]


@given(points=POINTS, most=st.integers(1, 50))
@settings(max_examples=60, deadline=None)
def test_cells_hold_every_row_once_and_few_rows(points: list[tuple[float, float]], most: int) -> None:
    index = sorted_index(points)
    cells = shard.plan(index, most)
    rows = [row for cell in cells for row in range(cell.start, cell.stop)]
    assert rows == list(range(len(index)))
    for cell in cells:
        inside = index[cell.start : cell.stop] >> (2 * (29 - cell.order))
        assert set(inside) == {cell.pixel}
        assert cell.stop - cell.start <= most or cell.order == shard.MAX_ORDER


@pytest.mark.parametrize("arcsec", [10.0, 60.0, 900.0])
def test_a_margin_has_every_row_within_its_width(arcsec: float) -> None:
    generator = np.random.default_rng(1)
    size = 3 * arcsec / 3600
    # Small patches around the corners and edges of cells, where borders meet: equator, pole, 45 degrees.
    centers = [(0.0, 0.0), (45.0, 0.0), (10.0, 89.9), (0.0, 41.81), (90.0, -41.81), (180.0, -89.95)]
    points = [(ra, dec) for ra, dec in centers for _ in range(300)]
    ra = np.array([point[0] for point in points]) + generator.uniform(-size, size, len(points))
    dec = np.clip(np.array([point[1] for point in points]) + generator.uniform(-size, size, len(points)), -90, 90)
    ra %= 360
    index = shard.healpix_index(ra, dec)
    order = np.argsort(index)
    index, sky = index[order], SkyCoord(ra[order], dec[order], unit="deg")
    cells = shard.plan(index, 200, min(shard.MAX_ORDER, shard.margin_order(arcsec)))
    margins = shard.margins(index, cells, arcsec)
    home = np.zeros(len(index), int)
    for number, cell in enumerate(cells):
        home[cell.start : cell.stop] = number
    one, other, _, _ = sky.search_around_sky(sky, arcsec * sky.ra.unit / 3600)
    across = home[one] != home[other]
    assert across.sum() > 50
    around = [set(rows) for rows in margins]
    assert all(second in around[home[first]] for first, second in zip(one[across], other[across], strict=True))
    for cell, rows in zip(cells, margins, strict=True):
        assert not set(range(cell.start, cell.stop)) & set(rows)


def test_a_margin_wider_than_the_cell_is_refused() -> None:
    index = sorted_index([(10.0, 10.0)])
    with pytest.raises(ValueError, match="margin"):
        shard.margins(index, (shard.Cell(order=12, pixel=int(index[0] >> 34), start=0, stop=1),), 900.0)
