"""A disk's cells hold all of it, and not much more."""

from __future__ import annotations

import math

import pytest

from uraniborg_portal.adql.disk import of_disk


@pytest.mark.parametrize("radius", [10.0, 36.0, 89.0])
@pytest.mark.parametrize("latitude", [0.0, 41.8, -90.0])
def test_a_disk_is_little_larger_than_asked(radius: float, latitude: float) -> None:
    asked, room = ((1 - math.cos(math.radians(each))) / 2 for each in (radius, radius + 3))
    assert asked < of_disk(350.0, latitude, radius, 6).sky_fraction < room


def test_a_point_has_the_cells_around_it() -> None:
    assert 0 < of_disk(0.0, 90.0, 0.0, 8).sky_fraction < 1e-3
