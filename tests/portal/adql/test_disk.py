"""A disk's cells hold all of it, and not much more."""

from __future__ import annotations

import math

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import example, given
from hypothesis import strategies as st

from uraniborg_portal.adql.cover import depth
from uraniborg_portal.adql.disk import of_disk


@pytest.mark.parametrize("radius", [10.0, 36.0, 89.0, 90.0, 120.0, 170.0])
@pytest.mark.parametrize("latitude", [0.0, 41.8, -90.0])
def test_a_disk_is_little_larger_than_asked(radius: float, latitude: float) -> None:
    asked, room = ((1 - math.cos(math.radians(each))) / 2 for each in (radius, radius + 3))
    assert asked < of_disk(350.0, latitude, radius, 6).sky_fraction < room


def test_a_point_has_the_cells_around_it() -> None:
    assert 0 < of_disk(0.0, 90.0, 0.0, 8).sky_fraction < 1e-3


@given(
    longitude=st.floats(0, 360), latitude=st.floats(-90, 90), radius=st.floats(-5, 2.255).map(lambda power: 10**power)
)
@example(longitude=45.0, latitude=41.8103, radius=0.1)
@example(longitude=90.0, latitude=-41.8103, radius=1.8)
@example(longitude=0.0, latitude=90.0, radius=1e-5)
@example(longitude=360.0, latitude=-89.9999, radius=28.9)
def test_a_disk_holds_every_place_within_it(longitude: float, latitude: float, radius: float) -> None:
    disk, center = of_disk(longitude, latitude, radius, depth(radius)), SkyCoord(longitude * u.deg, latitude * u.deg)
    angles, parts = np.meshgrid(np.arange(0, 360, 3.0), [0.0, 0.5, 0.9, 0.999999])
    inside = center.directional_offset_by(angles.ravel() * u.deg, parts.ravel() * radius * u.deg)
    assert disk.contains_lonlat(inside.ra, inside.dec).all()
