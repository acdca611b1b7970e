"""Rows of two tables that belong together: points within an angle of each other, or equal values."""

from __future__ import annotations

import math

from uraniborg_portal.adql.cover import Equal, Near, SkyCover
from uraniborg_portal.adql.models import Circle, Point, Shape, SkyCoverOf, Term


def sharing(a: Term, b: Term) -> SkyCoverOf:
    """Give of which rows two values are equal: of both tables only those matter that have one of the other's."""
    return {
        mine.scan: SkyCover(equal=(Equal(column=mine.origin[1], scan=other.origin[0], other=other.origin[1]),))
        for mine, other in ((a, b), (b, a))
        if mine.scan and mine.origin and other.origin and other.origin[0] != mine.scan
    }


def beside(a: Point, b: Point, degrees: float | None) -> SkyCoverOf:
    """Give where the rows of two points are that are within an angle; None where nothing is known of that."""
    if degrees is None or not math.isfinite(reach := degrees + a.moved + b.moved):
        return {}
    return {
        mine.scan: SkyCover(near=(Near(anchor=other.anchor, degrees=reach),))
        for mine, other in ((a, b), (b, a))
        if mine.scan and other.anchor and other.anchor.scan != mine.scan
    }


def beside_shape(inner: Shape, outer: Shape) -> SkyCoverOf:
    """Give the same of a point in a circle, or of circles that share a point."""
    if isinstance(inner, Point) and isinstance(outer, Circle):
        return beside(inner, outer.center, outer.largest)
    if isinstance(inner, Circle) and isinstance(outer, Point):
        return beside(outer, inner.center, inner.largest)
    if isinstance(inner, Circle) and isinstance(outer, Circle) and inner.largest is not None:
        return beside(inner.center, outer.center, outer.largest and outer.largest + inner.largest)
    return beside(inner, outer, 0.0) if isinstance(inner, Point) and isinstance(outer, Point) else {}
