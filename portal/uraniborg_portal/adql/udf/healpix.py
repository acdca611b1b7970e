"""HEALPix cells, nested (catalogue of user-defined functions of the IVOA; Górski et al. 2005)."""

from __future__ import annotations

import math

import astropy.units as u
import numpy as np
import sqlglot
from astropy.coordinates import Latitude, Longitude
from cdshealpix.nested import healpix_to_lonlat, lonlat_to_healpix
from sqlglot import exp

from uraniborg_portal.adql.models import Point, Term
from uraniborg_portal.adql.sky import call, number
from uraniborg_portal.adql.udf.registry import Asked, names_of, user_function
from uraniborg_portal.catalogs.layout import HEALPIX_FUNCTION
from uraniborg_portal.catalogs.models import Column

FINEST = 29


def order_of(asked: Asked) -> int | None:
    """Give the order, the first argument, where it is one."""
    order = asked.arguments[0].constant
    return order if isinstance(order, int) and 0 <= order <= FINEST else None


@user_function("ivo_healpix_index(hpx_order INTEGER, ra DOUBLE PRECISION, dec DOUBLE PRECISION) -> BIGINT")
def healpix_index(asked: Asked) -> Term | str:
    """Give the HEALPix pixel (nested) of a position, degrees, at an order from 0 to 29; NULL beyond the poles."""
    where, (_, ra, dec) = asked.position, asked.arguments
    fixed = None
    if ra.constant is not None and dec.constant is not None:
        fixed = float(ra.constant), float(dec.constant)
    stored = bool(where and names_of((ra, dec)) == [where.ra, where.dec])
    return index_of(asked, Point(longitude=ra.sql, latitude=dec.sql, fixed=fixed), stored=stored)


@user_function("ivo_healpix_index(hpx_order INTEGER, p POINT) -> BIGINT")
def healpix_index_of_point(asked: Asked) -> Term | str:
    """Give the HEALPix pixel (nested) of a point at an order from 0 to 29."""
    (point,) = asked.shapes
    if not isinstance(point, Point):
        return "ivo_healpix_index takes a POINT"
    return index_of(asked, point, stored=point.is_stored)


def index_of(asked: Asked, point: Point, *, stored: bool) -> Term | str:
    """Give the pixel of a position; that of the rows' own is stored beside them."""
    order = order_of(asked)
    if order is None:
        return "the order of ivo_healpix_index is a whole number from 0 to 29"
    description = f"HEALPix pixel, nested, order {order}"
    column = Column(name="ivo_healpix_index", datatype="long", ucd="pos.healpix", description=description)
    if point.fixed is not None:
        longitude, latitude = point.fixed
        if not (math.isfinite(longitude) and -90 <= latitude <= 90):
            return "the latitude of ivo_healpix_index is between -90 and 90 degrees"
        cell = int(lonlat_to_healpix(Longitude(longitude * u.deg), Latitude(latitude * u.deg), order)[0])
        return Term(sql=exp.Literal.number(cell), column=column, constant=cell)
    index = (asked.healpix() if stored else None) or call(HEALPIX_FUNCTION, point.longitude, point.latitude)
    return Term(sql=shifted(index, 2 * (FINEST - order)), column=column)


@user_function("ivo_healpix_center(hpx_order INTEGER, hpx_index BIGINT) -> POINT")
def healpix_center(asked: Asked) -> Term | str:
    """Give the centre of a HEALPix pixel (nested) at an order from 0 to 29; NULL where there is no such pixel."""
    order, cell = order_of(asked), asked.arguments[1]
    if order is None:
        return "the order of ivo_healpix_center is a whole number from 0 to 29"
    if isinstance(cell.constant, int):
        if not 0 <= cell.constant < 12 * 4**order:
            return f"order {order} has the pixels 0 to {12 * 4**order - 1}"
        longitude, latitude = (
            float(angle.deg[0]) for angle in healpix_to_lonlat(np.array([cell.constant], dtype=np.uint64), order)
        )
        point = Point(longitude=number(longitude), latitude=number(latitude), fixed=(longitude, latitude))
    else:
        point = center(exp.Cast(this=cell.sql, to=exp.DataType.build("BIGINT")), order)
    return Term(sql=exp.Null(), column=Column(name="ivo_healpix_center", datatype="double", unit="deg"), shape=point)


def center(cell: exp.Expr, order: int) -> Point:
    """Give the centre of a cell as SQL.

    In the plane of the projection u and v run from 0 to 1 along the sides of the base cell, s from 0 (north pole) to 4
    along the meridian, and n is 1 between the polar caps and falls to 0 at the poles.
    """
    base = f"(:cell >> {2 * order})"
    u_, v = (along(order, side) for side in (0, 1))
    s = f"(({base} >> 2) + 2e0 - {u_} - {v})"
    n = f"CASE WHEN {s} < 1 THEN {s} WHEN {s} > 3 THEN 4e0 - {s} ELSE 1e0 END"
    z = (
        f"CASE WHEN {s} < 1 THEN 1e0 - {s} * {s} / 3e0 "
        f"WHEN {s} > 3 THEN (4e0 - {s}) * (4e0 - {s}) / 3e0 - 1e0 ELSE (2e0 - {s}) * 2e0 / 3e0 END"
    )
    eighth = f"(2 * ({base} & 3) + CASE WHEN {base} >> 2 = 1 THEN 0e0 ELSE 1e0 END)"
    there = f":cell BETWEEN 0 AND {12 * 4**order - 1}"
    longitude = f"CASE WHEN {there} THEN (45e0 * ({eighth} + ({u_} - {v}) / ({n})) + 360e0) % 360e0 END"
    return Point(
        longitude=filled(longitude, cell), latitude=filled(f"CASE WHEN {there} THEN degrees(asin({z})) END", cell)
    )


def along(order: int, side: int) -> str:
    """Give how far along a side of its base cell a cell's centre is: every other bit of its number."""
    bits = [f"(((:cell >> {2 * bit + side}) & 1) << {bit})" for bit in range(order)]
    return f"(({' + '.join([*bits, '0.5e0'])}) / {2**order}e0)"


def filled(text: str, cell: exp.Expr) -> exp.Expr:
    """Give SQL of ours with a cell's number put into it."""
    return exp.Paren(
        this=exp.replace_placeholders(sqlglot.parse_one(text, dialect="duckdb"), cell=exp.Paren(this=cell))
    )


def shifted(index: exp.Expr, bits: int) -> exp.Expr:
    """Give a whole number without its last bits."""
    return exp.Paren(this=exp.BitwiseRightShift(this=index, expression=exp.Literal.number(bits)))
