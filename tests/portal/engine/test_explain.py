"""What a query would do is what it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.upload import Upload
from uraniborg_portal.samples.install import install_samples
from uraniborg_portal.settings import QueryLimits

NEAR = "DISTANCE(a.ra, a.dec, b.ra, b.dec) < {}"
PAIRS = "by position with hipparcos within 36 arcsec: pairs are found before"


@pytest.fixture(scope="module")
def engine(portal_home: Path) -> Iterator[Engine]:
    folder = portal_home / "portal" / "catalogs"
    install_samples(folder)
    made = Engine(CatalogRegistry(folder), QueryLimits(step_values=20_000), portal_home / "portal" / "spill")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("query", "lane", "steps", "gathered"),
    [
        ("SELECT COUNT(*) FROM hipparcos", "metadata", 1, ""),
        ("SELECT MAX(hip), COUNT(hip) FROM hipparcos", "metadata", 1, ""),
        ("SELECT hip FROM hipparcos WHERE hip = 5", "interactive", 1, ""),
        ("SELECT table_name FROM tap_schema.tables", "interactive", 1, ""),
        ("SELECT hip FROM hipparcos", "scan", 6, ""),
        ("SELECT TOP 5 hip FROM hipparcos ORDER BY vmag", "scan", 10, "sorted rows"),
        ("SELECT DISTINCT vmag FROM hipparcos", "scan", 6, "distinct rows"),
        ("SELECT ROUND(vmag) AS m, COUNT(*) FROM hipparcos GROUP BY m ORDER BY m", "scan", 6, "groups"),
        ("SELECT AVG(vmag) FROM hipparcos", "scan", 6, "groups"),
        ("SELECT hip FROM hipparcos OFFSET 5", "scan", 6, "rows"),
        ("SELECT hip FROM hipparcos WHERE hip IN (SELECT MAX(hip) FROM hipparcos)", "interactive", 1, ""),
    ],
)
def test_the_way_of_the_whole_query(engine: Engine, query: str, lane: str, steps: int, gathered: str) -> None:
    told = engine.explain(query, 1000)
    assert (told.lane, told.steps, told.gathered) == (lane, steps, gathered)
    assert told.steps == len(engine.plan(query, 1000).steps)
    assert {(row["lane"], row["steps"], row["gathered"]) for row in told.rows()} == {(lane, steps, gathered)}
    assert (f"in {steps} steps" in told.words()) is (steps > 1)


@pytest.mark.parametrize(
    ("source", "joined"),
    [
        ("hipparcos a JOIN openngc b ON " + NEAR.format(0.01), ["", PAIRS]),
        ("hipparcos a LEFT JOIN openngc b ON " + NEAR.format(0.01), ["", PAIRS]),
        ("hipparcos a, hipparcos b WHERE a.hip < b.hip AND " + NEAR.format(0.01), ["", PAIRS]),
        (
            "hipparcos a JOIN openngc b ON " + NEAR.format(2),
            ["", "by position with hipparcos within 2 deg: by bands of declination"],
        ),
        (
            "hipparcos a JOIN openngc b ON " + NEAR.format("b.vmag / 3600"),
            ["", "by position with hipparcos within an angle: by bands of declination"],
        ),
        (
            "hipparcos a JOIN hipparcos b ON a.hip = b.hip",
            ["", "by identifier with hipparcos: their rows are in the same shards"],
        ),
        ("hipparcos a JOIN hipparcos b ON a.hip = b.vmag", ["", ""]),
    ],
)
def test_joins_by_position_are_told(engine: Engine, source: str, joined: list[str]) -> None:
    told = engine.explain(" ".join(("SELECT a.ra, b.dec FROM", source)), 1000)
    assert [table.joined for table in told.tables] == joined
    assert all(f"{table.table} is joined {table.joined}." in told.words() for table in told.tables if table.joined)


def test_a_table_that_comes_with_a_query_is_told_with_its_rows(engine: Engine) -> None:
    columns = tuple(Column(name=name, datatype="double", unit="deg") for name in ("ra", "dec"))
    rows = pa.table({"ra": [56.75, 57.0, 58.0], "dec": [24.1, 24.2, 24.3]})
    query = " ".join(("SELECT b.ra FROM TAP_UPLOAD.mine b JOIN hipparcos a ON", NEAR.format(0.01)))
    told = engine.explain(query, 1000, [Upload(name="mine", columns=columns, rows=rows)])
    tables = {table.table: table for table in told.tables}
    assert (tables["TAP_UPLOAD.mine"].answered_by, tables["TAP_UPLOAD.mine"].rows) == ("upload", 3)
    assert tables["hipparcos"].shards == 1
    assert tables["hipparcos"].joined.startswith("by position with TAP_UPLOAD.mine within 36 arcsec")
    assert "; 3 rows of TAP_UPLOAD.mine." in told.words()


def test_more_is_expected_of_more(engine: Engine) -> None:
    sizes = [
        engine.explain(" ".join(("SELECT", columns, "FROM hipparcos", where)), 1000).tables[0].bytes
        for columns, where in (("hip", "WHERE hip = 5"), ("hip", ""), ("hip, ra, dec", ""), ("*", ""))
    ]
    assert sizes == sorted(set(sizes)) and sizes[0] > 0
