"""What the functions of the standard take (ADQL 2.1, sections 2.3 and 4, and the grammar of appendix A)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from uraniborg_portal.adql.sorts import Sort, sort_of

COORDINATE_SYSTEM = ("POINT", "CIRCLE", "BOX", "POLYGON")
"""Geometries that a coordinate system, a text, may come first in."""


@dataclass(frozen=True)
class Argument:
    """What may stand in one place of a function."""

    words: str
    fits: Callable[[exp.Expr], bool]
    shown: str
    """What stands for it where the function is shown."""


def is_number(node: exp.Expr) -> bool:
    """Say whether a value is a `<numeric_value_expression>`."""
    return sort_of(node) in (Sort.ANY, Sort.NUMBER)


def is_text(node: exp.Expr) -> bool:
    """Say whether a value is a `<character_value_expression>`."""
    return sort_of(node) in (Sort.ANY, Sort.TEXT)


def is_shape(node: exp.Expr) -> bool:
    """Say whether a value is a `<geometry_value_expression>`."""
    return sort_of(node) in (Sort.ANY, Sort.GEOMETRY)


def is_point(node: exp.Expr) -> bool:
    """Say whether a value is a `<coord_value>`: POINT, CENTROID, a user-defined function or a column."""
    if isinstance(node, exp.Anonymous):
        return node.name in ("POINT", "CENTROID") or (node.name not in SIGNATURES and node.name != "COALESCE")
    return isinstance(node, exp.Column) and not node.meta.get("signed")


def is_null(node: exp.Expr) -> bool:
    """Say whether a value is NULL; the IVOA's own valid queries have it as a coordinate system."""
    return sort_of(node) is Sort.NULL


def is_string(node: exp.Expr) -> bool:
    """Say whether a value is a text between quotes."""
    return bool(node.is_string) and not node.meta.get("signed")


def is_digits(node: exp.Expr) -> bool:
    """Say whether a value is an `<unsigned_decimal>`."""
    return isinstance(node, exp.Literal) and node.name.isdigit() and not (node.is_string or node.meta.get("signed"))


def is_whole(node: exp.Expr) -> bool:
    """Say whether a value is a `<signed_integer>`."""
    inner = node.this if isinstance(node, exp.Neg) else node
    return isinstance(inner, exp.Literal) and not inner.is_string and inner.name.isdigit()


N = Argument("a number", is_number, "number")
T = Argument("a text", is_text, "text")
G = Argument("a geometry", is_shape, "geometry")
P = Argument("a point (POINT, CENTROID or a column)", is_point, "point")
QUOTED = Argument("a text between quotes", is_string, "'text'")
DIGITS = Argument("digits", is_digits, "digits")
WHOLE = Argument("a whole number such as 2 or -1", is_whole, "digits")
Signature = tuple[Argument, ...]

SIGNATURES: dict[str, tuple[Signature, ...]] = {
    **dict.fromkeys(("ABS", "CEILING", "DEGREES", "EXP", "FLOOR", "LOG", "LOG10", "RADIANS", "SQRT"), ((N,),)),
    **dict.fromkeys(("ACOS", "ASIN", "ATAN", "COS", "COT", "SIN", "TAN"), ((N,),)),
    **dict.fromkeys(("LOWER", "UPPER"), ((T,),)),
    **dict.fromkeys(("AREA", "CENTROID", "COORDSYS"), ((G,),)),
    **dict.fromkeys(("COORD1", "COORD2"), ((P,),)),
    **dict.fromkeys(("MOD", "POWER", "ATAN2"), ((N, N),)),
    **dict.fromkeys(("CONTAINS", "INTERSECTS"), ((G, G),)),
    **dict.fromkeys(("ROUND", "TRUNCATE"), ((N,), (N, WHOLE))),
    "PI": ((),),
    "RAND": ((), (DIGITS,)),
    "IN_UNIT": ((N, QUOTED),),
    "REGION": ((QUOTED,),),
    "DISTANCE": ((P, P), (N, N, N, N)),
    "POINT": ((N, N),),
    "CIRCLE": ((N, N, N), (P, N)),
    "BOX": ((N, N, N, N), (P, N, N)),
    "POLYGON": (),
}
"""Every form in which a function can be written, without its coordinate system; those of POLYGON are unlimited."""
FORMS = {
    "POINT": "POINT(longitude, latitude)",
    "CIRCLE": "CIRCLE(longitude, latitude, radius) or CIRCLE(point, radius)",
    "BOX": "BOX(longitude, latitude, width, height) or BOX(point, width, height)",
    "POLYGON": "POLYGON(longitude1, latitude1, ...) or POLYGON(point1, ...) with three vertices at least",
    "POWER": "POWER(base, exponent)",
    "ATAN2": "ATAN2(y, x)",
    "IN_UNIT": "IN_UNIT(number, 'unit')",
    "CONTAINS": "CONTAINS(inner, outer)",
    "DISTANCE": "DISTANCE(point, point) or DISTANCE(longitude1, latitude1, longitude2, latitude2)",
}
"""Functions that are better shown than described."""


ADVICE = {
    "LOG": "LOG(x) is the natural logarithm, LOG10(x) that to base 10.",
    "CONTAINS": "Write CONTAINS(POINT(longitude, latitude), CIRCLE(longitude, latitude, radius)) = 1.",
}
"""What else to say where the number of arguments is wrong."""
SYSTEM = "A coordinate system is a text between single quotes, 'ICRS', and can be left out."


@dataclass(frozen=True, kw_only=True)
class Misuse:
    """What is wrong with a function's arguments."""

    message: str
    at: exp.Expr | None = None
    """The argument, or None where their number is wrong."""
    remedy: str = ""


def coordinates(name: str, arguments: Sequence[exp.Expr]) -> Sequence[exp.Expr]:
    """Give a geometry's arguments without its optional first one, the coordinate system: a text, or NULL for none."""
    has_system = name in COORDINATE_SYSTEM and arguments and (is_string(arguments[0]) or is_null(arguments[0]))
    return arguments[1:] if has_system else arguments


def misuse(name: str, arguments: Sequence[exp.Expr]) -> Misuse | None:
    """Give what is wrong with the arguments of a standard function, None where nothing is."""
    values = coordinates(name, arguments)
    forms = polygon_forms(values) if name == "POLYGON" else forms_of(name, len(values))
    if not forms:
        count = f"{len(values)} argument" + ("" if len(values) == 1 else "s")
        count += " after the coordinate system" if len(values) < len(arguments) else ""
        remedy = SYSTEM if name in COORDINATE_SYSTEM and is_long(name, values) else ADVICE.get(name, "")
        return Misuse(message=f"{name} has {count}, expected {expected(name)}", remedy=remedy)
    wrong = [first_misfit(form, values) for form in forms]
    if None in wrong:
        return None
    # The form that goes furthest is the one that was meant.
    argument, value = max((each for each in wrong if each), key=lambda each: values.index(each[1]))
    message = f"{name} takes {argument.words} here, found {described(value)}"
    return Misuse(message=message, at=value, remedy=f"Write {expected(name)}.")


def is_long(name: str, values: Sequence[exp.Expr]) -> bool:
    """Say whether a geometry's values would be right without the first one."""
    return bool(polygon_forms(values[1:]) if name == "POLYGON" else forms_of(name, len(values) - 1))


def forms_of(name: str, count: int) -> list[Signature]:
    """Give the forms of a function with this number of arguments."""
    if name == "COALESCE":
        return [(Argument("a value", lambda node: True, "value"),) * count] if count else []
    return [form for form in SIGNATURES[name] if len(form) == count]


def polygon_forms(values: Sequence[exp.Expr]) -> list[Signature]:
    """Give the forms of POLYGON that values can have: three points at least, or their coordinates."""
    count = len(values)
    of_numbers = count >= 6 and count % 2 == 0
    of_points = count >= 3 and is_point(values[0])
    return [form for form, fits in (((N,) * count, of_numbers), ((P,) * count, of_points)) if fits]


def first_misfit(form: Signature, values: Sequence[exp.Expr]) -> tuple[Argument, exp.Expr] | None:
    """Give the first place where a value does not fit, with the value."""
    pairs = zip(form, values, strict=True)
    return next(((argument, value) for argument, value in pairs if not argument.fits(value)), None)


def expected(name: str) -> str:
    """Show how a function is written."""
    if name in FORMS:
        return FORMS[name]
    forms = (f"{name}({', '.join(argument.shown for argument in form)})" for form in SIGNATURES.get(name, ()))
    return " or ".join(forms) or f"{name}(value, ...)"


def described(value: exp.Expr) -> str:
    """Say what a value is, for an error message."""
    sort = sort_of(value)
    if sort is not Sort.ANY:
        return str(sort)
    if isinstance(value, exp.Literal):
        return f"the text '{value.name[:40]}'" if value.is_string else f"the number {value.name[:40]}"
    return f"the column {value.name}" if isinstance(value, exp.Column) else "a value"
