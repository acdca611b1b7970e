"""Times: how CAST writes them, and how they are compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.upload import Upload
from uraniborg_portal.settings import QueryLimits

TIMES = ["2015-01-01T00:00:00.000", "2015-01-01T12:00:00", "2014-12-31T23:59:59.5Z", None, "nonsense"]
SEEN = Upload(
    name="seen",
    columns=(
        Column(name="id", datatype="int"),
        Column(name="t", datatype="char", arraysize="*", xtype="timestamp"),
        Column(name="u", datatype="char", arraysize="*"),
    ),
    rows=pa.table({"id": pa.array([1, 2, 3, 4, 5], pa.int32()), "t": TIMES, "u": TIMES}),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    home: Path = tmp_path_factory.mktemp("times")
    found = Engine(CatalogRegistry(home / "catalogs"), QueryLimits(), home / "spill")
    yield found
    found.close()


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("t = CAST('2015-01-01' AS TIMESTAMP)", [1]),
        ("t <> CAST('2015-01-01' AS TIMESTAMP)", [2, 3]),
        ("t > CAST('2015-01-01T00:00:00' AS TIMESTAMP)", [2]),
        ("CAST('2015-01-01T00:00:00Z' AS TIMESTAMP) >= t", [1, 3]),
        ("t = '2015-01-01T00:00:00'", [1]),
        ("t < '2015-01-01'", [3]),
        ("t BETWEEN CAST('2014-12-31T23:59:59' AS TIMESTAMP) AND '2015-01-01'", [1, 3]),
        ("t NOT BETWEEN '2014-12-31' AND '2015-01-01'", [2]),
        ("t IN ('2015-01-01T12:00:00Z', CAST('2015-01-01' AS TIMESTAMP))", [1, 2]),
        ("CAST(u AS TIMESTAMP) = t AND id < 4", [1, 2, 3]),
        ("t = u", [1, 2, 3, 5]),
        ("u = '2015-01-01T00:00:00'", []),
        ("t LIKE '2015%'", [1, 2]),
        ("t = 'nonsense'", [5]),
    ],
)
def test_times_are_compared_by_what_they_say(engine: Engine, condition: str, ids: list[int]) -> None:
    query = " ".join(("SELECT id FROM TAP_UPLOAD.seen WHERE id < 6 AND", condition, "ORDER BY id"))
    assert engine.run(query, 10, uploads=[SEEN]).table["id"].to_pylist() == ids


@pytest.mark.parametrize(
    ("value", "written", "xtype"),
    [
        ("CAST('2015-01-01' AS TIMESTAMP)", "2015-01-01T00:00:00", "timestamp"),
        ("CAST('2015-01-01 12:34:56.5Z' AS TIMESTAMP)", "2015-01-01T12:34:56.5", "timestamp"),
        ("CAST(CAST('2015-01-01' AS TIMESTAMP) AS VARCHAR(10))", "2015-01-01", None),
        ("CAST(NULL AS TIMESTAMP)", None, "timestamp"),
        ("MAX(CAST('2015-01-01' AS TIMESTAMP))", "2015-01-01T00:00:00", "timestamp"),
        ("CAST('2015-01-01' AS TIMESTAMP) || ''", "2015-01-01T00:00:00", None),
    ],
)
def test_cast_gives_times_as_dali_writes_them(
    engine: Engine, value: str, written: str | None, xtype: str | None
) -> None:
    query = " ".join(("SELECT", value, "AS x FROM TAP_UPLOAD.seen WHERE id = 1"))
    found = engine.run(query, 1, uploads=[SEEN])
    assert found.table["x"].to_pylist() == [written]
    assert found.columns[0].xtype == xtype
