"""Regions in words hold what they are made of."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mocpy import MOC

from uraniborg_portal.obscore.stcs import FINEST, MOST_CELLS, region_of

CELLS = st.integers(0, FINEST + 2).flatmap(lambda order: st.tuples(st.just(order), st.integers(0, 12 * 4**order - 1)))


def moc_of(cells: list[tuple[int, int]]) -> MOC:
    orders, pixels = zip(*cells, strict=True)
    return MOC.from_healpix_cells(np.array(pixels, np.uint64), np.array(orders, np.uint8), max(orders))


@settings(max_examples=40, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=20))
@example([(3, 63)])
@example([(4, 255)])
@example([(6, 4**6 - 1)])
@example([(8, 8 * 4**8)])
@example([(9, 4**9 - 2)])
def test_another_reader_finds_the_same_area(cells: list[tuple[int, int]]) -> None:
    area = moc_of(cells)
    text = region_of(area)
    assert text is not None
    shown = MOC.from_stcs(text, max_depth=11)
    assert area.intersection(shown).sky_fraction >= 0.99 * area.sky_fraction - 1e-6
    assert len(re.findall("POLYGON", text)) <= MOST_CELLS


def test_large_and_fine_areas_are_written_with_coarser_cells() -> None:
    every_fourth = moc_of([(6, pixel) for pixel in range(0, 12 * 4**6, 4)])
    text = region_of(every_fourth)
    assert text is not None and len(re.findall("POLYGON", text)) == 12
    one = region_of(moc_of([(9, 12345)]))
    assert one is not None and one.startswith("POLYGON ICRS ")
    assert region_of(MOC.new_empty(5)) is None


@pytest.mark.parametrize("pixel", [0, 100, 1500, 3071])
def test_polygons_wind_as_dali_wants(pixel: int) -> None:
    """Counterclockwise as the sky is seen, East to the left: the sum over the edges is positive along the sky."""
    text = region_of(moc_of([(4, pixel)]))
    assert text is not None
    numbers = np.array([float(word) for word in text.split()[2:]]).reshape(-1, 2)
    lon, lat = np.unwrap(np.radians(numbers[:, 0])), np.radians(numbers[:, 1])
    # Right ascension grows to the left: with x = -lon a positive area is counterclockwise.
    x, y = -lon, np.sin(lat)
    assert np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) > 0
