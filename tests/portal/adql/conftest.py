"""Tables as queries name them, without any rows."""

from __future__ import annotations

import pytest

from uraniborg_portal.adql.models import Table
from uraniborg_portal.catalogs.models import Column, Position
from uraniborg_portal.engine import tap_schema

STARS = Table(
    name="stars",
    columns=(
        Column(name="id", datatype="int", ucd="meta.id"),
        Column(name="ra", datatype="double", unit="deg", ucd="pos.eq.ra", minimum=0.0, maximum=359.9),
        Column(name="dec", datatype="double", unit="deg", ucd="pos.eq.dec", minimum=-89.0, maximum=89.0),
        Column(name="pmra", datatype="double", unit="mas/yr", minimum=-800.0, maximum=600.0),
        Column(name="pmdec", datatype="double", unit="mas/yr", minimum=-600.0, maximum=10000.0),
        Column(name="parallax", datatype="float", unit="mas", ucd="pos.parallax"),
        Column(name="mag", datatype="float", unit="mag", ucd="phot.mag"),
        Column(name="count", datatype="short"),
        Column(name="name", datatype="char", arraysize="*"),
        Column(name="Odd Name", datatype="long"),
    ),
    position=Position(ra="ra", dec="dec", epoch=1991.25, pmra="pmra", pmdec="pmdec"),
)
GALAXIES = Table(
    name="galaxies",
    columns=(
        Column(name="name", datatype="char", arraysize="*"),
        Column(name="ra", datatype="double", unit="deg", minimum=0.0, maximum=359.0),
        Column(name="dec", datatype="double", unit="deg"),
        Column(name="mag", datatype="double", unit="mag"),
    ),
    position=Position(ra="ra", dec="dec"),
)


@pytest.fixture(scope="session")
def tables() -> dict[str, Table]:
    """Two catalogs and TAP_SCHEMA."""
    return {table.name.lower(): table for table in (STARS, GALAXIES, *tap_schema.tables())}
