"""How wide areas are whose farthest place is known, those that reach around the sky too."""

from __future__ import annotations

import pytest
from mocpy import MOC

from uraniborg_portal.adql.disk import of_disk
from uraniborg_portal.obscore.extent import across

ORDER = 6
CELL = 2.0
"""Degrees by which the cells of a circle can be wider than it, on both of its sides together, and more."""


@pytest.mark.parametrize("radius", [1, 30, 89, 90, 91, 120, 150, 175])
@pytest.mark.parametrize(("longitude", "latitude"), [(0, 0), (123, 45), (350, -89), (0, 90)])
def test_a_circle_is_as_wide_as_it_is(longitude: float, latitude: float, radius: float) -> None:
    area = of_disk(longitude, latitude, radius, ORDER)
    assert 2 * radius <= across(area, longitude, latitude) <= 2 * radius + 2 * CELL


def test_what_holds_the_opposite_place_is_the_whole_way_around() -> None:
    ring: MOC = of_disk(0, 90, 100, ORDER).intersection(of_disk(0, -90, 100, ORDER))
    assert across(ring, 176.5, 0.4) == 360
    assert across(of_disk(10, 5, 180, ORDER), 77, 33) == 360
