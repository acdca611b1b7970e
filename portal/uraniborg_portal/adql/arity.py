"""How many arguments the functions of the standard take (ADQL 2.1, sections 2.3 and 4)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

ONE = (1, 1)
TWO = (2, 2)
ARITY: dict[str, tuple[int, int | None]] = {
    **dict.fromkeys(("ABS", "CEILING", "DEGREES", "EXP", "FLOOR", "LOG", "LOG10", "RADIANS", "SQRT"), ONE),
    **dict.fromkeys(("ACOS", "ASIN", "ATAN", "COS", "COT", "SIN", "TAN", "LOWER", "UPPER", "REGION"), ONE),
    **dict.fromkeys(("AREA", "CENTROID", "COORD1", "COORD2", "COORDSYS"), ONE),
    **dict.fromkeys(("MOD", "POWER", "ATAN2", "IN_UNIT", "CONTAINS", "INTERSECTS"), TWO),
    **dict.fromkeys(("ROUND", "TRUNCATE"), (1, 2)),
    "PI": (0, 0), "RAND": (0, 1), "COALESCE": (1, None), "DISTANCE": (2, 4),
    "POINT": TWO, "CIRCLE": (2, 3), "BOX": (3, 4), "POLYGON": (3, None),
}  # fmt: skip
"""Least and most arguments; None for no upper limit. Geometries without their optional coordinate system."""
GEOMETRIES = ("POINT", "CIRCLE", "BOX", "POLYGON")
FORMS = {
    "POINT": "POINT(longitude, latitude)",
    "CIRCLE": "CIRCLE(longitude, latitude, radius) or CIRCLE(point, radius)",
    "BOX": "BOX(longitude, latitude, width, height) or BOX(point, width, height)",
    "POLYGON": "POLYGON(longitude1, latitude1, ...) or POLYGON(point1, ...) with three vertices at least",
    "DISTANCE": "DISTANCE(point, point) or DISTANCE(longitude1, latitude1, longitude2, latitude2)",
}


def coordinates(name: str, arguments: Sequence[exp.Expr]) -> Sequence[exp.Expr]:
    """Give a geometry's arguments without its optional first one, the coordinate system (a text)."""
    return arguments[1:] if name in GEOMETRIES and arguments and arguments[0].is_string else arguments


def check_arity(name: str, arguments: Sequence[exp.Expr]) -> str | None:
    """Say what is wrong with the number of arguments of a standard function, None where nothing is."""
    least, most = ARITY[name]
    count = len(coordinates(name, arguments))
    fits = least <= count and (most is None or count <= most)
    if fits and name == "DISTANCE":
        fits = count in (2, 4)
    if fits and name == "POLYGON":
        fits = is_point(coordinates(name, arguments)[0]) or (count >= 6 and count % 2 == 0)
    if fits:
        return None
    expected = FORMS.get(name) or f"{least if least == most else f'{least} to {most}'} argument(s)"
    return f"{name} has {count} argument(s), expected {expected}"


def is_point(node: exp.Expr) -> bool:
    """Say whether a value is surely a point by its form: POINT, CENTROID or a user-defined function."""
    return isinstance(node, exp.Anonymous) and (node.name in ("POINT", "CENTROID") or node.name not in ARITY)
