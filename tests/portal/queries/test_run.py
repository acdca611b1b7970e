"""Queries from the form to the kept rows, by the real engine over the real samples."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from uraniborg_portal.errors import BadParameter
from uraniborg_portal.queries.run import row_limit
from uraniborg_portal.settings import QueryLimits


def run(portal: TestClient, adql: str, rows: int | None = None) -> dict[str, Any]:
    answer = portal.post("api/queries", json={"adql": adql, "rows": rows})
    assert answer.status_code == 201, answer.text
    described: dict[str, Any] = answer.json()
    return described


def rows_of(portal: TestClient, described: dict[str, Any]) -> list[list[Any]]:
    rows: list[list[Any]] = portal.get(f"api/queries/{described['id']}/rows").json()["rows"]
    return rows


@pytest.mark.parametrize(("rows", "limit"), [(None, 100_000), (0, 0), (5, 5), (1_000_000, 1_000_000)])
def test_row_limits(rows: int | None, limit: int) -> None:
    assert row_limit(rows, QueryLimits()) == limit


def test_more_rows_than_one_query_gives_are_refused() -> None:
    with pytest.raises(BadParameter, match="1,000,000"):
        row_limit(1_000_001, QueryLimits())


def test_a_query_is_kept_with_its_rows(portal: TestClient) -> None:
    described = run(portal, "SELECT TOP 3 hip, vmag FROM hipparcos ORDER BY vmag")
    assert rows_of(portal, described) == [[32349, -1.44], [30438, -0.62], [69673, -0.05]]
    assert [column["unit"] for column in described["columns"]] == [None, "mag"]
    assert not described["overflow"]


def test_the_row_limit_says_that_there_is_more(portal: TestClient) -> None:
    described = run(portal, "SELECT hip FROM hipparcos", 10)
    assert (described["rows"], described["overflow"]) == (10, True)


def test_barnards_star_is_found_where_it_is_in_2026(portal: TestClient) -> None:
    form = {"catalog": "hipparcos", "target": "Barnard's star", "radius": "5 arcsec", "epoch": 2026.0}
    described = run(portal, portal.post("api/queries/form", json=form).json()["adql"])
    row = rows_of(portal, described)[0]
    assert row[0] == 87937
    assert row[1:3] == pytest.approx([269.446295, 4.767972], abs=1e-6)
    assert described["position"] == {"ra": "ra_j2026", "dec": "dec_j2026"}
    assert described["epoch"] == 2026.0
    assert described["notes"] == []


def test_a_filter_with_quotes_finds_what_has_them(portal: TestClient) -> None:
    form = {"catalog": "openngc", "filters": [{"column": "common_names", "operator": "like", "value": "%Barnard's%"}]}
    described = run(portal, portal.post("api/queries/form", json=form).json()["adql"])
    assert [row[0] for row in rows_of(portal, described)] == ["IC0349", "NGC6822"]


@pytest.mark.parametrize(
    "adql",
    [
        "",
        "SELECT",
        "COPY hipparcos TO '/tmp/x'",
        "ATTACH '/tmp/x'",
        "PRAGMA version",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT 1; DROP TABLE hipparcos",
        "SELECT * FROM results",
        "SELECT getenv('HOME') FROM hipparcos",
        "SELECT hip FROM hipparcos WHERE " + "(" * 2000 + "1=1" + ")" * 2000,
        "\x00",
    ],
)
@pytest.mark.parametrize("path", ["api/queries", "api/adql/check"])
def test_what_is_no_adql_is_refused_with_its_place(portal: TestClient, adql: str, path: str) -> None:
    answer = portal.post(path, json={"adql": adql})
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] == "query_refused"
    assert answer.json()["field"] == "QUERY"


def test_a_good_query_is_valid(portal: TestClient) -> None:
    assert portal.post("api/adql/check", json={"adql": "SELECT hip FROM hipparcos"}).json() == {"valid": True}
