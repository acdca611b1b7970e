"""What is asked of regions, by shapes whose relation is known."""

from __future__ import annotations

import pytest

from uraniborg_portal.adql import sky
from uraniborg_portal.adql.bind_geometry import fixed_point
from uraniborg_portal.adql.models import Circle, Polygon, Relation, Shape
from uraniborg_portal.obscore.regions import answer, area_of

NORTH = "POLYGON ICRS 0 60 90 60 180 60 270 60"
TWO = "UNION ICRS (POLYGON 10 0 10 10 20 10 20 0 POLYGON 200 0 200 10 210 10 210 0)"


def circle(longitude: float, latitude: float, radius: float) -> Circle:
    return Circle(center=fixed_point(longitude, latitude), radius=sky.number(radius), fixed=radius)


@pytest.mark.parametrize(
    ("region", "shape", "relations"),
    [
        (NORTH, fixed_point(123, 89), {"shares", "holds"}),
        (NORTH, fixed_point(123, -89), set()),
        (NORTH, circle(0, 90, 0), {"shares", "holds"}),
        (NORTH, circle(0, 90, 5), {"shares", "holds"}),
        (NORTH, circle(0, 90, 50), {"shares", "within"}),
        (NORTH, circle(0, 0, 45), set()),
        (NORTH, circle(0, 0, 65), {"shares"}),
        (NORTH, circle(0, -90, 170), {"shares"}),
        (NORTH, circle(0, 90, 130), {"shares", "within"}),
        (NORTH, circle(0, -90, 100), set()),
        (NORTH, circle(77, 5, 180), {"shares", "within"}),
        (TWO, fixed_point(15, 5), {"shares", "holds"}),
        (TWO, fixed_point(-155, 5), {"shares", "holds"}),
        (TWO, fixed_point(100, 5), set()),
        (TWO, Polygon(vertices=((12, 2), (18, 2), (18, 8))), {"shares", "holds"}),
        (TWO, Polygon(vertices=((12, 2), (12, 30), (18, 2))), {"shares"}),
        (TWO, Polygon(vertices=((30, 2), (30, 30), (38, 2))), set()),
    ],
)
def test_relations(region: str, shape: Shape, relations: set[Relation]) -> None:
    area = area_of(shape)
    every: tuple[Relation, ...] = ("shares", "holds", "within")
    assert {relation for relation in every if answer(relation, region, area)} == relations
    assert answer("shares", None, area) is None
