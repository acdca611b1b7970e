"""Positions of objects by their names (catalogue of user-defined functions of the IVOA)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from uraniborg_portal.adql.models import Point, Term
from uraniborg_portal.adql.sky import number
from uraniborg_portal.adql.udf.registry import Asked, user_function
from uraniborg_portal.catalogs.models import Column

FUNCTION = "IVO_SIMBADPOINT"
MOST = 20
"""Objects that one query may name: each may be a question to another server."""


def objects_named(tree: exp.Expr) -> tuple[str, ...]:
    """Give the names whose positions a query asks for, each once, and no more than may be asked."""
    return tuple(dict.fromkeys(_names(tree)))[:MOST]


def _names(tree: exp.Expr) -> Iterator[str]:
    for call in tree.find_all(exp.Anonymous):
        if call.name == FUNCTION and call.expressions and call.expressions[0].is_string:
            yield call.expressions[0].name


@user_function("ivo_simbadpoint(identifier TEXT) -> POINT")
def named_point(asked: Asked) -> Term | str:
    """Give the position of an object by its name, as SIMBAD and the other sources of this portal know it."""
    (identifier,) = asked.sql
    if not identifier.is_string:
        return "ivo_simbadpoint takes a name between quotes"
    place = asked.places.get(identifier.name)
    if place is None:
        return f"a query names at most {MOST} objects"
    if isinstance(place, str):
        return place
    point = Point(longitude=number(place[0]), latitude=number(place[1]), fixed=place)
    return Term(sql=exp.Null(), column=Column(name="ivo_simbadpoint", datatype="double", unit="deg"), shape=point)
