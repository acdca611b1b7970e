"""The text of SQL is what sqlglot writes for DuckDB, and writing it changes nothing."""

from __future__ import annotations

import pytest
from sqlglot import exp, parse_one

from uraniborg_portal.adql.bind import bind
from uraniborg_portal.adql.models import Table
from uraniborg_portal.catalogs.models import Column, Position
from uraniborg_portal.engine.text import text_of

STARS = Table(
    name="stars",
    columns=(
        Column(name="id", datatype="long"), Column(name="ra", datatype="double"), Column(name="dec", datatype="double"),
        Column(name='a "b"', datatype="char", arraysize="*"),
    ),
    position=Position(ra="ra", dec="dec"),
)  # fmt: skip
QUERIES = (
    "SELECT * FROM stars",
    'SELECT TOP 3 id, "a ""b""" || \'it\'\'s\' AS "x ""y" FROM stars WHERE "a ""b""" LIKE \'%"_\' ORDER BY 1 DESC',
    "SELECT id FROM stars WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(83.8, -5.4, 0.5))",
    "SELECT id FROM stars WHERE 0 = CONTAINS(POINT(ra, dec), POLYGON(1, 1, 3, 1, 2, 3)) AND NOT (id < -3 OR id > 5)",
    "SELECT a.id, b.id FROM stars a LEFT JOIN stars b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) < 0.1 WHERE b.id IS NULL",
    "SELECT DISTINCT ROUND(ra) AS r, COUNT(*), AVG(dec), SUM(id) FROM stars GROUP BY r HAVING COUNT(DISTINCT id) > 1",
    "SELECT id & 3 | 4 ^ ~ id, id / 0, ra / 2.0, LOG(ra), POWER(ra, 2), PI() FROM stars",
    "SELECT DISTINCT ivo_healpix_index(1, POINT(ra, dec)) AS cell, COORD1(ivo_healpix_center(1, id)) AS lon FROM stars",
    "SELECT id FROM stars WHERE 1 = CONTAINS(gavo_transform('ICRS', 'GALACTIC', POINT(ra, dec)), CIRCLE(0, 0, 3))",
    "WITH w AS (SELECT id FROM stars WHERE id BETWEEN 1 AND 9) SELECT id FROM w UNION ALL SELECT id FROM stars",
    "SELECT CASE WHEN id IN (1, 2) THEN -(-ra) ELSE id / 2 END, CAST(id AS VARCHAR) FROM stars, (SELECT 1 AS o FROM "
    "stars) AS q WHERE EXISTS (SELECT id FROM stars WHERE MOD(id, 2) = 0)",
)


@pytest.mark.parametrize("adql", QUERIES)
def test_the_text_is_that_of_sqlglot(adql: str) -> None:
    query = bind(adql, {"stars": STARS}).sql
    wanted = query.sql("duckdb")
    assert text_of(query) == text_of(query) == query.sql("duckdb") == wanted


def test_tables_are_read_as_their_sources() -> None:
    query = bind("SELECT a.id FROM stars AS a JOIN stars AS b ON a.id = b.id", {"stars": STARS}).sql
    source = exp.Select(expressions=[exp.Star()], from_=exp.From(this=exp.Table(this=exp.to_identifier("elsewhere"))))
    scans = [table.name for table in query.find_all(exp.Table)]
    read = parse_one(text_of(query, {scans[0]: source}), dialect="duckdb")
    assert {table.name for table in read.find_all(exp.Table)} == {"elsewhere", scans[1]}
    assert [subquery.alias for subquery in read.find_all(exp.Subquery)] == ["t2"]
