"""SQL of the sphere: separations, circles, polygons. Degrees in, degrees out; edges belong to what they bound.

An angle stands in its formula many times. Trees of SQL share such branches, here and in all of `adql/`, as copies took
longer than all else that is done to a query: copy a tree before you change it (`plan.step_of` does).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sqlglot import exp

from uraniborg_portal.adql.models import Circle, Pairing, Point, Polygon, Shape
from uraniborg_portal.adql.polygons import Edge, Vector, crossing_reference, edges_of, vector_of

ROUGH = 1e-7
"""Radians by which the rough test of a circle is too wide: its cosine can't tell less apart at small radii."""
ROUNDING = 1e-14
"""By how much that cosine, and the scalar product with it, may be wrong."""
MARGIN = 1e-7
"""Degrees by which a band of latitudes is wider than an angle, so that rounding at its edge loses no pair."""
NEAR = "near"
"""What marks a condition with its `Pairing`: the engine may find the pairs itself."""
BAND = "band"
"""What marks the two comparisons by which the engine is to join."""
EDGE = 1e-12
"""Sine of the distance from an edge within which a point is on it: 0.2 microarcseconds."""


def number(value: float) -> exp.Expr:
    """Give a DOUBLE literal."""
    text = repr(float(value))
    literal = exp.Literal.number((text if "e" in text else text + "e0").lstrip("-"))
    return exp.Neg(this=literal) if text.startswith("-") else literal


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """Give a call of a function of the engine; only names written in this package come here."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def plus(*terms: exp.Expr) -> exp.Expr:
    """Give the sum of terms, in parentheses."""
    total = terms[0]
    for term in terms[1:]:
        total = exp.Add(this=total, expression=term)
    return exp.Paren(this=total)


def minus(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Give the difference, in parentheses."""
    return exp.Paren(this=exp.Sub(this=left, expression=exp.Paren(this=right)))


def times(*factors: exp.Expr) -> exp.Expr:
    """Give the product of factors."""
    product = factors[0]
    for factor in factors[1:]:
        product = exp.Mul(this=product, expression=factor)
    return product


def at_most(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Give `left <= right`."""
    return exp.LTE(this=left, expression=right)


def separation(a: Point, b: Point) -> exp.Expr:
    """Give the angle between two points by Vincenty's formula, which is exact at 0 and at 180 degrees."""
    turn = call("radians", minus(b.longitude, a.longitude))
    (sin1, cos1), (sin2, cos2) = sine_and_cosine(a), sine_and_cosine(b)
    across = times(cos2, call("sin", turn))
    along = minus(times(cos1, sin2), times(sin1, cos2, call("cos", turn)))
    length = call("sqrt", plus(times(across, across), times(along, along)))
    return call("degrees", call("atan2", length, plus(times(sin1, sin2), times(cos1, cos2, call("cos", turn)))))


def sine_and_cosine(point: Point) -> tuple[exp.Expr, exp.Expr]:
    """Give both of a latitude; of a constant one as numbers, for which the engine has no function to find."""
    if point.fixed:
        latitude = math.radians(point.fixed[1])
        return number(math.sin(latitude)), number(math.cos(latitude))
    radians = call("radians", point.latitude)
    return call("sin", radians), call("cos", radians)


def vector(point: Point) -> tuple[exp.Expr, exp.Expr, exp.Expr]:
    """Give the unit vector of a point."""
    if point.unit:
        return point.unit
    if point.fixed:
        x, y, z = vector_of(*point.fixed)
        return number(x), number(y), number(z)
    lon, lat = call("radians", point.longitude), call("radians", point.latitude)
    return times(call("cos", lat), call("cos", lon)), times(call("cos", lat), call("sin", lon)), call("sin", lat)


def dot(fixed: Vector, moving: Sequence[exp.Expr]) -> exp.Expr:
    """Give the scalar product of a constant vector and one of SQL."""
    return plus(*(times(number(value), part) for value, part in zip(fixed, moving, strict=True)))


def in_polygon(point: Point, polygon: Polygon) -> exp.Expr:
    """Give whether a point is in a polygon: arcs from a place outside that cross an odd number of edges."""
    where, edges = vector(point), edges_of(polygon.vertices)
    outside = crossing_reference(polygon.vertices)
    crossings = [crossing(where, outside, edge) for edge in edges]
    odd = exp.EQ(
        this=exp.Mod(this=plus(*crossings), expression=exp.Literal.number(2)), expression=exp.Literal.number(1)
    )
    return exp.Paren(this=exp.or_(odd, *(on_edge(where, edge) for edge in edges), copy=False))


def crossing(where: Sequence[exp.Expr], outside: Vector, edge: Edge) -> exp.Expr:
    """Give 1 where the arc from `where` to `outside` crosses the edge, otherwise 0."""
    first, last, normal, _, _ = edge
    beyond = normal[0] * outside[0] + normal[1] * outside[1] + normal[2] * outside[2] > 0
    side = dot(normal, where)
    zero = number(0)
    other_side = exp.LTE(this=side, expression=zero) if beyond else exp.GT(this=side, expression=zero)
    # The arc's plane is (where x outside); the edge's ends lie on its two sides, and the nearer crossing counts.
    planes = [dot(cross(outside, vertex), where) for vertex in (first, last)]
    low, high = (planes[0], planes[1]) if beyond else (planes[1], planes[0])
    ends = exp.and_(exp.GTE(this=low, expression=zero), exp.LT(this=high, expression=zero), copy=False)
    crosses = exp.If(this=exp.and_(other_side, ends, copy=False), true=exp.Literal.number(1))
    return exp.Paren(this=exp.Case(ifs=[crosses], default=exp.Literal.number(0)))


def cross(a: Vector, b: Vector) -> Vector:
    """Give the vector product."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def on_edge(where: Sequence[exp.Expr], edge: Edge) -> exp.Expr:
    """Give whether a point is on an edge."""
    return exp.Paren(this=exp.and_(
        at_most(call("abs", dot(edge[2], where)), number(EDGE)),
        exp.GTE(this=dot(edge[3], where), expression=number(-EDGE)),
        exp.GTE(this=dot(edge[4], where), expression=number(-EDGE)),
        copy=False,
    ))  # fmt: skip


def contains(inner: Shape, outer: Shape) -> exp.Expr | None:
    """Give whether `inner` lies in `outer`; None for pairs that are not answered."""
    if isinstance(inner, Point):
        return intersects(inner, outer)
    if isinstance(inner, Circle) and isinstance(outer, Circle):
        reach = plus(separation(inner.center, outer.center), inner.radius)
        return at_most(reach, outer.radius)
    return None


def intersects(a: Shape, b: Shape) -> exp.Expr | None:
    """Give whether two shapes share a point; None for pairs that are not answered."""
    if isinstance(b, Point) or (isinstance(b, Circle) and isinstance(a, Polygon)):
        a, b = b, a
    if isinstance(a, Point):
        return point_in(a, b)
    if isinstance(a, Circle) and isinstance(b, Circle):
        largest = None if a.largest is None or b.largest is None else a.largest + b.largest
        return within(a.center, b.center, plus(a.radius, b.radius), largest)
    return None


def roughly_in(point: Point, circle: Circle) -> exp.Expr | None:
    """Give a condition that every point of a constant circle fulfils, and few others; it costs a tenth of a separation.

    None where there is no such: the point's unit vector is not at hand, or the circle is not constant or the sphere.
    """
    if point.unit is None or circle.fixed is None or circle.center.fixed is None:
        return None
    reach = math.radians(circle.fixed) + ROUGH
    if reach >= math.pi:
        return None
    cosine = number(math.cos(reach) - ROUNDING)
    return exp.GTE(this=dot(vector_of(*circle.center.fixed), point.unit), expression=cosine)


def in_band(a: Point, b: Point, radius: exp.Expr, largest: float | None = None) -> exp.Expr | None:
    """Give a condition that points of two tables fulfil wherever they are within an angle: their latitudes are.

    Of comparisons of one table's values with another's the engine makes a join that does not try every pair. It is
    NULL where the angle between them is. It is marked with its pairing where no angle is above `largest`. None where
    there is no such condition: the points are of one table, or of several, or the angle is of both.
    """
    sides = [plus(point.latitude, times(number(0), point.longitude)) for point in (a, b)]
    tables, of_radius = [tables_of(side) for side in sides], tables_of(radius)
    if any(len(names) != 1 for names in tables) or tables[0] == tables[1] or of_radius not in ([], *tables):
        return None
    if of_radius == tables[0]:
        sides.reverse()
    wide = plus(times(exp.Paren(this=radius), number(1 + 1e-9)), number(MARGIN))
    low = exp.GTE(this=sides[0], expression=minus(sides[1], wide))
    high = exp.LTE(this=sides[0], expression=plus(sides[1], wide))
    for edge in (low, high):
        edge.meta[BAND] = True
    band = exp.and_(low, high, copy=False)
    if largest is not None:
        band.meta[NEAR] = Pairing(points=(a, b), degrees=largest)
    return band


def tables_of(sql: exp.Expr) -> list[str]:
    """Give the aliases of the tables whose columns stand in SQL."""
    return sorted({column.table for column in sql.find_all(exp.Column)})


def within(a: Point, b: Point, radius: exp.Expr, largest: float | None = None) -> exp.Expr:
    """Give whether two points are within an angle of each other."""
    exact, band = at_most(separation(a, b), radius), in_band(a, b, radius, largest)
    return exact if band is None else exp.Paren(this=exp.And(this=band, expression=exact))


def point_in(point: Point, shape: Shape) -> exp.Expr:
    """Give whether a point is in a shape; in a point, where it is the same."""
    if isinstance(shape, Circle):
        exact = within(point, shape.center, shape.radius, shape.largest)
        rough = roughly_in(point, shape)
        return exp.Paren(this=exp.And(this=rough, expression=exact)) if rough is not None else exact
    if isinstance(shape, Polygon):
        return in_polygon(point, shape)
    return at_most(separation(point, shape), number(0))
