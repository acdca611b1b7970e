"""Shapes in words: DALI 1.1 section 3.3 (`circle` and `polygon` serialised) and STC-S as REGION takes them."""

from __future__ import annotations

import math

from uraniborg_portal.adql import polygons
from uraniborg_portal.adql.models import Circle, Point, Polygon, Shape
from uraniborg_portal.adql.sky import number

KINDS = {"POSITION": 2, "POINT": 2, "CIRCLE": 3, "BOX": 4, "POLYGON": 0}
SYSTEMS = ("ICRS", "BARYCENTER", "TOPOCENTER", "GEOCENTER", "SPHERICAL2", "UNKNOWNREFPOS")


def read_region(text: str) -> Shape | str:
    """Give the shape of `CIRCLE 83.8 -5.4 0.5`, also with `ICRS` before the numbers; a sentence where it is none."""
    words = text.split()
    kind = words[0].upper() if words else ""
    if kind not in KINDS:
        return f"the region {text[:40]!r} starts with none of {', '.join(KINDS)}"
    rest = [word for word in words[1:] if word.upper() not in SYSTEMS]
    try:
        numbers = [float(word) for word in rest]
    except ValueError:
        return f"the region {text[:40]!r} has something else than numbers after {kind}; positions are ICRS"
    return shape_of(kind, numbers)


def shape_of(kind: str, numbers: list[float]) -> Shape | str:
    """Give the shape of a kind and its numbers, a sentence where they don't fit."""
    wrong = check_numbers(kind, numbers)
    if wrong:
        return wrong
    center = Point(longitude=number(numbers[0]), latitude=number(numbers[1]), fixed=(numbers[0], numbers[1]))
    if kind == "CIRCLE":
        return Circle(center=center, radius=number(numbers[2]), fixed=numbers[2])
    if kind == "BOX":
        return Polygon(vertices=tuple(polygons.box(*numbers)))
    if kind == "POLYGON":
        vertices = tuple(zip(numbers[::2], numbers[1::2], strict=True))
        return (
            "the region is as large as a hemisphere"
            if polygons.is_hemispheric(vertices)
            else Polygon(vertices=vertices)
        )
    return center


def check_numbers(kind: str, numbers: list[float]) -> str | None:
    """Say what is wrong with the numbers of a region, None where nothing is."""
    count, expected = len(numbers), KINDS[kind]
    fits = count == expected if expected else count >= 6 and count % 2 == 0
    if not fits or not all(math.isfinite(value) for value in numbers):
        return f"{kind} in a region has {expected or 'six or more'} finite numbers, found {count}"
    latitudes = numbers[1::2] if kind == "POLYGON" else numbers[1:2]
    if any(abs(latitude) > 90 for latitude in latitudes):
        return f"a latitude in {kind} is not between -90 and 90 degrees"
    if kind == "POLYGON" and polygons.is_flat(tuple(zip(numbers[::2], numbers[1::2], strict=True))):
        return "POLYGON in a region has three different vertices at least"
    if kind == "BOX" and min(numbers[2:]) == 0:
        return "the sides of BOX in a region are larger than 0"
    sizes = [] if kind in ("POLYGON", "POINT", "POSITION") else numbers[2:]
    return f"the size of {kind} is not between 0 and 180 degrees" if any(not 0 <= s < 180.1 for s in sizes) else None
