"""A cone as ADQL, and its answer with the names that cone search clients look for."""

from __future__ import annotations

from dataclasses import replace

from uraniborg_portal.adql.words import delimited
from uraniborg_portal.catalogs.models import TEXTS, Catalog, Column
from uraniborg_portal.cone_search.request import ConeRequest
from uraniborg_portal.engine.models import QueryResult

MAIN = ("ID_MAIN", "POS_EQ_RA_MAIN", "POS_EQ_DEC_MAIN")
"""UCDs of the first three columns: exactly one field has each (SCS 1.03, section 2, item 2); of UCD1, as it wants."""
NAMES = ("id", "main_id", "cone_search_id", "cone_search_main_id")
"""Names of the identifier where no column of the catalog is one as it stands."""


def adql(catalog: Catalog, asked: ConeRequest) -> str:
    """Give the query: identifier, right ascension and declination first, the nearest rows first."""
    ra, dec = delimited(catalog.position.ra), delimited(catalog.position.dec)
    center = f"{asked.ra:.12f}, {asked.dec:.12f}"
    selected = [_identifier(catalog), _double(catalog, catalog.position.ra), _double(catalog, catalog.position.dec)]
    selected += [delimited(column.name) for column in _others(catalog, asked.verbosity)]
    parts = [
        "SELECT",
        ", ".join(selected),
        "FROM",
        delimited(catalog.name),
        f"WHERE 1 = CONTAINS(POINT({ra}, {dec}), CIRCLE({center}, {asked.radius:.12f}))",
        f"ORDER BY DISTANCE({ra}, {dec}, {center})",
    ]
    return " ".join(parts)


def named(result: QueryResult, asked: ConeRequest) -> QueryResult:
    """Give the result of such a query with the UCDs of cone searches; no other column has one of them."""
    main = [replace(column, ucd=ucd) for column, ucd in zip(result.columns[:3], MAIN, strict=True)]
    main[0] = replace(main[0], description=main[0].description or "Name of the row")
    others = [replace(column, ucd=None) if column.ucd in MAIN else column for column in result.columns[3:]]
    # A radius of 0 holds no rows, so that none are cut off.
    return replace(result, columns=(*main, *others), overflow=result.overflow and asked.radius > 0)


def _identifier(catalog: Catalog) -> str:
    """Give the term of what names a row, as text; of its position where the catalog does not say what names it."""
    if _is_named(catalog):
        return delimited(str(catalog.identifier))
    known = {column.name.lower() for column in catalog.columns}
    name = next((name for name in NAMES if name not in known), "_".join(NAMES))
    if catalog.identifier is not None:
        return f"CAST({delimited(catalog.identifier)} AS VARCHAR) AS {name}"
    places = (f"CAST({delimited(place)} AS VARCHAR)" for place in (catalog.position.ra, catalog.position.dec))
    return " ".join([" || ' ' || ".join(places), "AS", name])


def _is_named(catalog: Catalog) -> bool:
    return catalog.identifier is not None and catalog.column(catalog.identifier).datatype in TEXTS


def _double(catalog: Catalog, name: str) -> str:
    column = delimited(name)
    return column if catalog.column(name).datatype == "double" else f"CAST({column} AS DOUBLE PRECISION) AS {column}"


def _others(catalog: Catalog, verbosity: int) -> list[Column]:
    first = {catalog.position.ra, catalog.position.dec}
    if _is_named(catalog):
        first.add(str(catalog.identifier))
    wanted = [column for column in catalog.columns if column.name not in first]
    return [column for column in wanted if verbosity == 3 or (verbosity == 2 and column.principal)]
