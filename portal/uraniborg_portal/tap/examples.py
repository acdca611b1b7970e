"""Queries that run as they are, in XHTML with RDFa: DALI 1.1, section 2.3, with TAP's terms `query` and `table`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from uraniborg_portal.adql.words import delimited
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.formats.markup import attribute, text
from uraniborg_portal.obscore import columns as obscore

MEDIA_TYPE = "application/xhtml+xml"
VOCABULARY = "ivo://ivoa.net/std/DALI-examples"


@dataclass(frozen=True, kw_only=True)
class Example:
    """A query with what it is for."""

    id: str
    name: str
    about: str
    query: str
    table: str


DATASETS = Example(
    id="obscore-region",
    name="Datasets at a position",
    about="Images, time series and others that have a place on the sky within a degree of a position.",
    query="SELECT dataproduct_type, obs_title, t_min, t_max, access_url, access_format, obs_publisher_did\n"
    "FROM ivoa.obscore\nWHERE 1 = INTERSECTS(s_region, CIRCLE(83.82, -5.39, 1))",
    table=obscore.NAME,
)


def document(catalogs: Sequence[Catalog]) -> bytes:
    """Give the document with the examples of all catalogs, and of datasets."""
    pieces = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml">\n',
        "<head><title>Examples of queries</title></head>\n",
        f"<body vocab={attribute(VOCABULARY)}>\n<h1>Examples of queries</h1>\n",
        *(shown(example) for catalog in catalogs for example in examples(catalog)),
        shown(DATASETS),
        "</body>\n</html>\n",
    ]
    return "".join(pieces).encode()


def shown(example: Example) -> str:
    """Give the markup of one example."""
    return (
        f'<div typeof="example" id={attribute(example.id)} resource={attribute("#" + example.id)}>\n'
        f'<h2 property="name">{text(example.name)}</h2>\n<p>{text(example.about)}</p>\n'
        f'<p>Table: <span property="table">{text(example.table)}</span></p>\n'
        f'<pre property="query">{text(example.query)}</pre>\n</div>\n'
    )


def examples(catalog: Catalog) -> tuple[Example, ...]:
    """Give examples that a catalog answers."""
    where, table = catalog.position, delimited(catalog.name)
    ra, dec = delimited(where.ra), delimited(where.dec)
    columns = ", ".join(delimited(column.name) for column in catalog.columns if column.principal) or f"{ra}, {dec}"
    return (
        Example(
            id=f"{catalog.name}-cone",
            name=f"{catalog.title}: a cone",
            about="What is within half a degree of a position, the nearest first.",
            query=f"SELECT TOP 100 {columns},\n  DISTANCE({ra}, {dec}, {middle(catalog)}) AS away\n"
            f"FROM {table}\nWHERE 1 = CONTAINS(POINT({ra}, {dec}), CIRCLE({middle(catalog)}, 0.5))\nORDER BY away",
            table=catalog.name,
        ),
        Example(
            id=f"{catalog.name}-density",
            name=f"{catalog.title}: rows on the sky",
            about="Rows in each HEALPix cell of order 4 (nested, ICRS): a map of the density.",
            query=f"SELECT ivo_healpix_index(4, {ra}, {dec}) AS cell, COUNT(*) AS n\nFROM {table}\n"
            f"GROUP BY ivo_healpix_index(4, {ra}, {dec})",
            table=catalog.name,
        ),
        Example(
            id=f"{catalog.name}-pairs",
            name=f"{catalog.title}: pairs",
            about="Rows that are within 20 arcseconds of each other.",
            query=f"SELECT TOP 100 a.{ra}, a.{dec}, b.{ra} AS other_ra, b.{dec} AS other_dec\n"
            f"FROM {table} AS a JOIN {table} AS b\n"
            f"  ON DISTANCE(a.{ra}, a.{dec}, b.{ra}, b.{dec}) < 20 / 3600.0 AND a.{dec} < b.{dec}",
            table=catalog.name,
        ),
    )


def middle(catalog: Catalog) -> str:
    """Give a position that the catalog is likely to have rows around: the middle of its ranges."""
    halves = []
    for name in (catalog.position.ra, catalog.position.dec):
        column = catalog.column(name)
        low, high = column.minimum or 0.0, column.maximum or 0.0
        halves.append(f"{(low + high) / 2:.4f}")
    return ", ".join(halves)
