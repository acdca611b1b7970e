"""Positions in other coordinate systems, as GAVO's services have it."""

from __future__ import annotations

from functools import cache

import numpy as np
from astropy.coordinates import SkyCoord
from sqlglot import exp

from uraniborg_portal.adql.models import Matrix, Term
from uraniborg_portal.adql.rotations import matrix_of, turned
from uraniborg_portal.adql.udf.registry import Asked, user_function
from uraniborg_portal.catalogs.models import Column

SYSTEMS = {"ICRS": "icrs", "FK5": "fk5", "GALACTIC": "galactic", "SUPERGALACTIC": "supergalactic"}
"""Systems that are a rotation away from each other, as astropy names them."""


@cache
def rotation(given: str, wanted: str) -> Matrix:
    """Give the rotation that turns unit vectors of a system into those of another."""
    axes = SkyCoord(np.eye(3), unit="", representation_type="cartesian", frame=SYSTEMS[given])
    return matrix_of(axes.transform_to(SYSTEMS[wanted]).cartesian.xyz.value)


@user_function("gavo_transform(from_sys TEXT, to_sys TEXT, geo GEOMETRY) -> GEOMETRY")
def transform(asked: Asked) -> Term | str:
    """Give a geometry in another coordinate system; systems are ICRS, FK5, GALACTIC and SUPERGALACTIC."""
    names = [term.sql.name.upper() for term in asked.arguments[:2] if term.sql.is_string]
    if len(names) < 2 or not set(names) <= set(SYSTEMS):
        return f"gavo_transform changes between {', '.join(SYSTEMS)}, given as texts"
    matrix = rotation(*names)
    column = Column(name="gavo_transform", datatype="double", unit="deg")
    return Term(sql=exp.Null(), column=column, shape=turned(asked.shapes[0], matrix))
