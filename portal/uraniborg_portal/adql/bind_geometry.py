"""Geometry bound: shapes, predicates between them with where on the sky they can be true, and their measures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NoReturn

from sqlglot import exp

from uraniborg_portal.adql import cover, polygons, sky
from uraniborg_portal.adql.bind_regions import RegionBinder
from uraniborg_portal.adql.binding import size_of
from uraniborg_portal.adql.cover import Anchor
from uraniborg_portal.adql.models import Circle, Point, Polygon, Shape, SkyCoverOf, Term
from uraniborg_portal.adql.nearness import beside_shape
from uraniborg_portal.adql.regions import read_region
from uraniborg_portal.adql.rotations import is_constant, turned_back
from uraniborg_portal.adql.scope import Scope
from uraniborg_portal.adql.signatures import coordinates
from uraniborg_portal.adql.udf import USER_FUNCTIONS, Asked, choose
from uraniborg_portal.adql.unfit import of_function
from uraniborg_portal.catalogs.models import Column, Position

MOST_NODES = 60_000
"""Parts of one geometric expression in SQL."""
MOST_IN_A_QUERY = 120_000
"""The same of all geometry of a query: what a query may cost before it runs."""
REPEATS = 30
"""How often at most a function writes its arguments down: a rotation repeats each coordinate in three components."""
REPEATS_OF_AN_EDGE = 15
"""The same for each edge of a polygon."""
REPEATS_IN_A_VECTOR = 3
"""The same for a unit vector."""


class GeometryBinder(RegionBinder):
    """Binds geometry."""

    def geometry(self, node: exp.Anonymous, scope: Scope) -> Term | None:
        """Bind a geometry or a function of some, None for other functions."""
        binders: dict[str, Callable[[exp.Anonymous, Scope], Term]] = {
            "POINT": self.point, "CIRCLE": self.circle, "BOX": self.box, "POLYGON": self.polygon,
            "REGION": self.region, "CENTROID": self.centroid, "CONTAINS": self.predicate,
            "INTERSECTS": self.predicate, "DISTANCE": self.distance, "COORD1": self.coordinate,
            "COORD2": self.coordinate, "AREA": self.area, "COORDSYS": self.system,
        }  # fmt: skip
        return binders[node.name](node, scope) if node.name in binders else None

    def shape(self, node: exp.Expr, scope: Scope) -> Shape:
        """Bind a geometry."""
        shape = self.shape_term(node, scope).shape
        assert shape is not None
        return shape

    def shape_term(self, node: exp.Expr, scope: Scope) -> Term:
        """Bind a value that is a geometry."""
        term = self.term(node, scope)
        if term.shape is None:
            self.fail(node, "expected a geometry: POINT, CIRCLE, BOX, POLYGON, REGION or CENTROID")
        return term

    def as_point(self, node: exp.Expr, scope: Scope) -> Point:
        """Bind a point."""
        shape = self.shape(node, scope)
        if not isinstance(shape, Point):
            self.fail(node, "expected a POINT")
        return shape

    def point_of(self, longitude: exp.Expr, latitude: exp.Expr, scope: Scope) -> Point:
        """Bind two numbers to a point."""
        lon, lat = self.numeric(longitude, scope), self.numeric(latitude, scope)
        fixed = None
        if lon.constant is not None and lat.constant is not None:
            fixed = float(lon.constant), float(lat.constant)
            if not -90 <= fixed[1] <= 90:
                self.fail(latitude, f"the latitude {fixed[1]:g} is not between -90 and 90 degrees")
        anchor = anchor_of(lon, lat)
        stored = anchor is not None and self.scans[anchor.scan].table.is_placed_by(anchor)
        scan = anchor.scan if anchor and stored else None
        return Point(longitude=lon.sql, latitude=lat.sql, fixed=fixed, scan=scan, anchor=anchor)

    def point(self, node: exp.Anonymous, scope: Scope) -> Term:
        """Bind POINT."""
        longitude, latitude = coordinates("POINT", node.expressions)
        return shaped("point", self.point_of(longitude, latitude, scope))

    def center(self, arguments: Sequence[exp.Expr], count: int, scope: Scope) -> tuple[Point, Sequence[exp.Expr]]:
        """Bind a centre, given as point or as two numbers before `count` others; give those, too."""
        if len(arguments) == count + 1:
            return self.as_point(arguments[0], scope), arguments[1:]
        return self.point_of(arguments[0], arguments[1], scope), arguments[2:]

    def circle(self, node: exp.Anonymous, scope: Scope) -> Term:
        """Bind CIRCLE."""
        center, (radius,) = self.center(coordinates("CIRCLE", node.expressions), 1, scope)
        size = self.numeric(radius, scope)
        if size.constant is not None and not 0 <= size.constant <= 180:
            self.fail(radius, f"the radius {size.constant:g} is not between 0 and 180 degrees")
        fixed = None if size.constant is None else float(size.constant)
        # Of a column that nothing was done to its description knows the largest value.
        largest = size.column.maximum if fixed is None and size.origin else fixed
        return shaped("circle", Circle(center=center, radius=size.sql, fixed=fixed, largest=largest))

    def box(self, node: exp.Anonymous, scope: Scope) -> Term:
        """Bind BOX with constant numbers."""
        center, sizes = self.center(coordinates("BOX", node.expressions), 2, scope)
        width, height = (self.numeric(size, scope).constant for size in sizes)
        if center.fixed is None or width is None or height is None:
            self.fail(node, "a BOX has constant numbers here", "Put the column into a POINT and test CONTAINS.")
        if not (0 < width < 180 and 0 < height < 180):
            self.fail(node, "the sides of a BOX are larger than 0 and smaller than 180 degrees")
        return shaped("box", Polygon(vertices=tuple(polygons.box(*center.fixed, width, height))))

    def polygon(self, node: exp.Anonymous, scope: Scope) -> Term:
        """Bind POLYGON with constant vertices."""
        values = coordinates("POLYGON", node.expressions)
        points = self.vertices(values, scope)
        vertices = tuple(point.fixed for point in points if point.fixed)
        if len(vertices) < len(points):
            self.fail(node, "a POLYGON has constant vertices here", "Put the column into a POINT and test CONTAINS.")
        if polygons.is_flat(vertices):
            self.fail(node, "a POLYGON has three different vertices at least")
        if polygons.is_hemispheric(vertices):
            self.fail(node, "the vertices of the POLYGON are farther than 89 degrees from their middle")
        return shaped("polygon", Polygon(vertices=vertices))

    def vertices(self, values: Sequence[exp.Expr], scope: Scope) -> list[Point]:
        """Bind vertices: points, or pairs of numbers."""
        if self.term(values[0], scope).shape is not None:
            return [self.as_point(value, scope) for value in values]
        return [self.point_of(lon, lat, scope) for lon, lat in zip(values[::2], values[1::2], strict=True)]

    def region(self, node: exp.Anonymous, scope: Scope) -> Term:
        """Bind REGION: a shape in words."""
        text = node.expressions[0]
        if not text.is_string:
            self.fail(node, "REGION takes a text such as 'CIRCLE 83.8 -5.4 0.5'")
        shape = read_region(text.name)
        if isinstance(shape, str):
            self.fail(text, shape, "REGION('CIRCLE 83.8 -5.4 0.5'), REGION('POLYGON 1 1 2 1 2 2')")
        return shaped("region", shape)

    def cast_shape(self, node: exp.Cast, scope: Scope) -> Term:
        """Bind CAST of a text such as '83.8 -5.4 0.5' (DALI 1.1, section 3.3) to POINT, CIRCLE or POLYGON."""
        kind, text = node.args["to"].args["kind"], node.this
        if not text.is_string:
            self.fail(text, f"CAST to {kind} takes a text between quotes here", f"{kind}(...) takes columns.")
        shape = read_region(f"{kind} {text.name}")
        if isinstance(shape, str):
            self.fail(text, shape, "CAST('83.8 -5.4' AS POINT), CAST('83.8 -5.4 0.5' AS CIRCLE)")
        return shaped(str(kind).lower(), shape)

    def centroid(self, node: exp.Anonymous, scope: Scope) -> Term:
        """Bind CENTROID."""
        shape = self.shape(node.expressions[0], scope)
        if isinstance(shape, Polygon):
            return shaped("centroid", fixed_point(*polygons.centroid(shape.vertices)))
        return shaped("centroid", shape if isinstance(shape, Point) else shape.center)

    def predicate(self, node: exp.Anonymous, scope: Scope) -> Term:
        """Bind CONTAINS or INTERSECTS: 1, 0, or NULL where a coordinate is."""
        regions = self.regions(node, scope)
        if any(regions):
            # Of two columns of regions the second is refused as what it is, a text.
            return self.region_test(node, regions, self.shape(node.expressions[1 if regions[0] else 0], scope))
        first, second = turned_back(*(self.shape(argument, scope) for argument in node.expressions))
        if scope.filters:
            first, second = self.prepared(node, first, second, scope), self.prepared(node, second, first, scope)
        self.affordable(node, (first, second), REPEATS_OF_AN_EDGE * max(edges_of(first), edges_of(second)))
        truth = (sky.contains if node.name == "CONTAINS" else sky.intersects)(first, second)
        if truth is None:
            kinds = f"{type(first).__name__.upper()}, {type(second).__name__.upper()}"
            turned = isinstance(second, Point) and node.name == "CONTAINS"
            order = "What lies inside comes first: CONTAINS(POINT(...), CIRCLE(...)). " if turned else ""
            self.fail(node, f"{node.name}({kinds}) is not answered", order + "Points can be tested with every shape.")
        self.bounded(node, truth)
        sql = exp.Cast(this=exp.Paren(this=truth), to=exp.DataType.build("INT"))
        inside = beside_shape(first, second) or cover_of(first, second)
        if node.name == "INTERSECTS":
            inside = inside or cover_of(second, first)
        return Term(sql=sql, column=Column(name=node.name.lower(), datatype="int"), truth=truth, inside=inside)

    def prepared(self, node: exp.Expr, shape: Shape, other: Shape, scope: Scope) -> Shape:
        """Give a point that is tested with a constant area with its unit vector, which is computed once for a row."""
        if not isinstance(shape, Point) or isinstance(other, Point) or shape.fixed or not is_constant(other):
            return shape
        self.affordable(node, (shape,), REPEATS_IN_A_VECTOR)
        x, y, z = (self.computed(part, scope) for part in sky.vector(shape))
        return replace(shape, unit=(x, y, z))

    def distance(self, node: exp.Anonymous, scope: Scope) -> Term:
        """Bind DISTANCE in both forms."""
        values = node.expressions
        if len(values) == 2:
            a, b = self.as_point(values[0], scope), self.as_point(values[1], scope)
        else:
            a = self.point_of(values[0], values[1], scope)
            b = self.point_of(values[2], values[3], scope)
        one, other = turned_back(a, b)
        assert isinstance(one, Point)
        assert isinstance(other, Point)
        self.affordable(node, (one, other), REPEATS_OF_AN_EDGE)
        column = Column(name="distance", datatype="double", unit="deg", ucd="pos.angDistance")
        return Term(sql=self.bounded(node, sky.separation(one, other)), column=column, distance=(one, other))

    def coordinate(self, node: exp.Anonymous, scope: Scope) -> Term:
        """Bind COORD1 or COORD2."""
        point = self.as_point(node.expressions[0], scope)
        sql = point.longitude if node.name == "COORD1" else point.latitude
        column = Column(name=node.name.lower(), datatype="double", unit="deg")
        return Term(sql=exp.Cast(this=sql, to=exp.DataType.build("DOUBLE")), column=column)

    def area(self, node: exp.Anonymous, scope: Scope) -> Term:
        """Bind AREA, square degrees."""
        shape = self.shape(node.expressions[0], scope)
        column = Column(name="area", datatype="double", unit="deg**2")
        if isinstance(shape, Circle):
            half = sky.call("sin", sky.times(sky.call("radians", shape.radius), sky.number(0.5)))
            sphere = sky.number(4 * math.pi * math.degrees(1) ** 2)
            return Term(sql=self.bounded(node, sky.times(sphere, half, half)), column=column)
        return Term(sql=sky.number(polygons.area(shape.vertices) if isinstance(shape, Polygon) else 0.0), column=column)

    def system(self, node: exp.Anonymous, scope: Scope) -> Term:
        """Bind COORDSYS: every position here is ICRS."""
        self.shape(node.expressions[0], scope)
        return Term(sql=exp.Literal.string("ICRS"), column=Column(name="coordsys", datatype="char", arraysize="*"))

    def user_function(self, node: exp.Anonymous, scope: Scope) -> Term:
        """Bind a user-defined function."""
        forms = USER_FUNCTIONS.get(node.name)
        if not forms:
            return self.fail(node, *of_function(node))
        function = choose(forms, len(node.expressions))
        signatures = " or ".join(form.signature for form in forms)
        if function is None:
            self.fail(node, f"{forms[0].name} has {len(node.expressions)} argument(s)", signatures)
        binders = {"number": self.numeric, "text": self.textual, "shape": self.shape_term}
        pairs = zip(function.takes, node.expressions, strict=True)
        arguments = [binders[kind](argument, scope) for kind, argument in pairs]
        self.affordable(node, [term.shape for term in arguments if term.shape], REPEATS)
        built = function.build(self.asked(arguments))
        if isinstance(built, str):
            self.fail(node, built, signatures)
        for sql in (built.sql, *parts_of(built.shape)):
            self.bounded(node, sql)
        return built

    def affordable(self, node: exp.Expr, shapes: Sequence[Shape], repeats: int) -> None:
        """Let pass geometries of which so many copies can be made: making them first and looking then takes minutes."""
        if repeats * sum(size_of(part) for shape in shapes for part in parts_of(shape)) > MOST_NODES:
            self.too_complex(node)

    def bounded(self, node: exp.Expr, sql: exp.Expr) -> exp.Expr:
        """Let pass SQL of a size that the engine can take: geometry repeats what stands inside of it."""
        size = size_of(sql)
        self.spent += size
        if size > MOST_NODES or self.spent > MOST_IN_A_QUERY:
            self.too_complex(node)
        return sql

    def too_complex(self, node: exp.Expr) -> NoReturn:
        """Refuse a geometry."""
        self.fail(node, "the geometry up to here is too complex", "Use fewer vertices, and less geometry in geometry.")

    def asked(self, terms: Sequence[Term]) -> Asked:
        """Give what a user-defined function is asked, with the table that its columns come from."""
        points = [term.shape for term in terms if isinstance(term.shape, Point) and term.shape.is_stored]
        columns = [(term.scan, term.sql) for term in terms if term.scan] + [(p.scan, p.longitude) for p in points]
        keys = {scan for scan, _ in columns}
        key = keys.pop() if len(keys) == 1 else None
        table = self.scans[key].table if key else None
        column = next((sql for _, sql in columns), None)
        alias = column.args["table"] if table and table.position and isinstance(column, exp.Column) else None
        return Asked(
            arguments=terms,
            position=table.position if table else None,
            scan=key,
            places=self.places,
            fastest=fastest(table.columns, table.position) if table and table.position else math.inf,
            healpix=lambda: self.healpix(key, alias) if key and alias else None,
        )


def edges_of(shape: Shape) -> int:
    """Give the number of edges of a polygon, 1 for other geometries."""
    return len(shape.vertices) if isinstance(shape, Polygon) else 1


def parts_of(shape: Shape | None) -> tuple[exp.Expr, ...]:
    """Give the SQL that a geometry consists of."""
    if isinstance(shape, Circle):
        return shape.center.longitude, shape.center.latitude, shape.radius
    if isinstance(shape, Point):
        return shape.unit or (shape.longitude, shape.latitude)
    return ()


def shaped(name: str, shape: Shape) -> Term:
    """Give the value of a geometry."""
    return Term(sql=exp.Null(), column=Column(name=name, datatype="double", unit="deg"), shape=shape)


def fixed_point(longitude: float, latitude: float) -> Point:
    """Give a constant point."""
    return Point(
        longitude=sky.number(longitude), latitude=sky.number(latitude), fixed=(float(longitude), float(latitude))
    )


def anchor_of(lon: Term, lat: Term) -> Anchor | None:
    """Give the two columns of one scan that two values are, None where they are something else."""
    if lon.scan is None or lon.scan != lat.scan or lon.origin is None or lat.origin is None:
        return None
    return Anchor(scan=lon.scan, longitude=lon.origin[1], latitude=lat.origin[1])


def cover_of(inner: Shape, outer: Shape) -> SkyCoverOf:
    """Give where the rows of a point can be that lies in a constant shape, or of a circle's centre around one."""
    if isinstance(inner, Point) and inner.scan:
        return cover_of_point(inner, inner.scan, outer)
    if isinstance(inner, Point) and inner.fixed and isinstance(outer, Circle) and outer.fixed is not None:
        center = outer.center
        return cover_of_point(center, center.scan, Circle(center=inner, radius=outer.radius, fixed=outer.fixed)) \
            if center.scan else {}  # fmt: skip
    return {}


def cover_of_point(point: Point, scan: str, outer: Shape) -> SkyCoverOf:
    """Give where a row's stored position is if its point lies in a constant shape."""
    if isinstance(outer, Circle) and outer.fixed is not None and outer.center.fixed:
        return {scan: cover.cone(*outer.center.fixed, outer.fixed, point.moved)}
    if isinstance(outer, Polygon):
        return {scan: cover.polygon(outer.vertices, point.moved)}
    if isinstance(outer, Point) and outer.fixed:
        return {scan: cover.cone(*outer.fixed, 0.0, point.moved)}
    return {}


def fastest(columns: Sequence[Column], position: Position) -> float:
    """Give an upper bound of the proper motions of a table, mas/yr; infinite where it is not known."""
    extremes = []
    for column in columns:
        if column.name in (position.pmra, position.pmdec):
            if column.minimum is None or column.maximum is None:
                return math.inf
            extremes.append(max(abs(column.minimum), abs(column.maximum)))
    return math.hypot(*extremes) if len(extremes) == 2 else math.inf
