"""The SQL of key translations, as files to be reviewed: `snapshots/<case>.sql`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from uraniborg_portal.adql.bind import bind
from uraniborg_portal.adql.models import Table

SNAPSHOTS = Path(__file__).parent / "snapshots"
CASES = {
    "cone": "SELECT id FROM stars WHERE 1 = CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', 83.8, -5.4, 0.5))",
    "distance": "SELECT DISTANCE(POINT(ra, dec), POINT(10, 20)) AS d FROM stars ORDER BY d DESC",
    "triangle": "SELECT id FROM stars WHERE 1 = CONTAINS(POINT(ra, dec), POLYGON(1, 1, 3, 1, 2, 3))",
    "division": "SELECT id / 2, id / 2.0, mag / id, 1 / 0 FROM stars",
    "logarithms": "SELECT LOG(mag), LOG10(mag), SQRT(mag), ACOS(mag) FROM stars",
    "healpix_map": "SELECT ivo_healpix_index(6, ra, dec) AS pix, COUNT(*) AS n FROM stars GROUP BY pix",
    "text": "SELECT name || ';DROP TABLE x' FROM stars WHERE name LIKE '%''; --' AND name <> \"name\"",
    "joins": "SELECT * FROM stars LEFT JOIN galaxies USING (name)",
    "sets": "SELECT TOP 2 name FROM stars UNION ALL SELECT name FROM galaxies ORDER BY name OFFSET 1",
    "with": "WITH b AS (SELECT id FROM stars WHERE mag < 3) SELECT COUNT(*) FROM b x JOIN b y ON x.id = y.id",
    "grouping": "SELECT ROUND(mag) AS m, SUM(id), AVG(mag) FROM stars GROUP BY m HAVING COUNT(*) > 1 ORDER BY m DESC",
}


@pytest.mark.parametrize("case", CASES)
def test_sql_is_as_reviewed(case: str, tables: Mapping[str, Table]) -> None:
    sql = bind(CASES[case], tables).sql.sql("duckdb", pretty=True) + "\n"
    assert sql == (SNAPSHOTS / f"{case}.sql").read_text("utf-8")
