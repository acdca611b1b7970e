"""Forms and kept results over HTTP."""

from __future__ import annotations

import io
import time
from typing import Any, TypedDict

import numpy as np
import pyarrow as pa
import pytest
from astropy.io.votable import parse_single_table
from astropy.table import Table
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

BINARY = {"Content-Type": "application/octet-stream"}
ERROR = {"error", "message", "remedy", "field"}


class Page(TypedDict):
    """The answer of a page of rows."""

    offset: int
    total: int
    numbers: list[int]
    rows: list[list[Any]]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def rows(portal: TestClient, identifier: str, **query: object) -> Page:
    answer = portal.get(f"api/queries/{identifier}/rows", params={name: str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    content: Page = answer.json()
    return content


def select(portal: TestClient, identifier: str, numbers: list[int]) -> str:
    body = np.array(numbers, dtype="<u4").tobytes()
    answer = portal.post(f"api/queries/{identifier}/selections", content=body, headers=BINARY)
    assert answer.status_code == 201, answer.text
    assert answer.json()["rows"] == len(set(numbers))
    return str(answer.json()["id"])


def test_a_form_makes_a_query(portal: TestClient) -> None:
    form = {"catalog": "hipparcos", "target": "Barnard's star", "radius": "1 arcmin", "rows": 10}
    made = portal.post("api/queries/form", json=form).json()
    assert made["adql"].startswith("SELECT TOP 10\n  hip, ra, dec")
    assert made["center"]["name"] == "Barnard's Star"
    assert any("Give an epoch" in note for note in made["notes"])


def test_a_result_is_described(portal: TestClient, stars: str) -> None:
    described = portal.get(f"api/queries/{stars}").json()
    assert described["rows"] == 100_000
    assert described["position"] == {"ra": "ra", "dec": "dec"}
    assert described["epoch"] == 1991.25
    assert [column["name"] for column in described["columns"]][:3] == ["hip", "ra", "dec"]
    assert described["columns"][1]["unit"] == "deg"
    assert "ub.query(" in described["python"]


def test_pages_come_in_order(portal: TestClient, stars: str) -> None:
    first = rows(portal, stars, limit=3)
    assert (first["total"], first["numbers"]) == (100_000, [0, 1, 2])
    assert first["rows"][0] == [1, 0.00091185, 1.08901332, 3.54, -5.2, -1.88, 9.1, 0.482]
    brightest = rows(portal, stars, sort="VMAG", limit=2)
    assert [row[0] for row in brightest["rows"]] == [32349, 30438]
    faintest = rows(portal, stars, sort="vmag", descending=1, limit=1)
    assert brightest["rows"][0] != faintest["rows"][0]
    assert rows(portal, stars, offset=99_999)["rows"] != []
    assert rows(portal, stars, offset=100_000)["rows"] == []


def test_a_page_of_100_000_rows_takes_less_than_50_ms(portal: TestClient, stars: str) -> None:
    rows(portal, stars, sort="parallax")
    times = []
    for offset in range(0, 100_000, 10_000):
        start = time.perf_counter()
        rows(portal, stars, sort="parallax", offset=offset)
        times.append(time.perf_counter() - start)
    assert sorted(times)[len(times) // 2] < 0.05


def test_rows_without_a_value_come_last_in_both_directions(portal: TestClient, odd: str) -> None:
    for descending in (0, 1):
        values = [row[1] for row in rows(portal, odd, sort="value", descending=descending)["rows"]]
        assert values[2:] == [None, None]


def test_json_holds_every_value(portal: TestClient, odd: str) -> None:
    assert rows(portal, odd)["rows"] == [
        [3, 1.5, 0.1, "b", True],
        [None, None, None, None, None],
        [str(2**60), "inf", "-inf", "<script>", False],
        [str(-(2**60)), None, 9.1, "a", True],
    ]


def test_columns_are_doubles(portal: TestClient, odd: str) -> None:
    def column(name: str) -> list[float]:
        answer = portal.get(f"api/queries/{odd}/columns/{name}")
        assert answer.headers["content-type"] == BINARY["Content-Type"]
        return list(np.frombuffer(answer.content, "<f8"))

    nan = float("nan")
    np.testing.assert_equal(column("value"), [1.5, nan, float("inf"), nan])
    np.testing.assert_equal(column("number"), [3, nan, 2.0**60, -(2.0**60)])
    np.testing.assert_equal(column("flag"), [1, nan, 0, 1])
    refused = portal.get(f"api/queries/{odd}/columns/text")
    assert (refused.status_code, refused.json()["message"]) == (400, "text holds no numbers.")


def test_selected_rows_are_paged_in_any_order(portal: TestClient, stars: str) -> None:
    chosen = select(portal, stars, [99_999, 5, 7, 5])
    assert rows(portal, stars, selected=chosen)["numbers"] == [5, 7, 99_999]
    sorted_rows = rows(portal, stars, selected=chosen, sort="vmag")
    assert sorted_rows["total"] == 3
    assert [row[6] for row in sorted_rows["rows"]] == sorted(row[6] for row in sorted_rows["rows"])
    nothing = select(portal, stars, [])
    assert rows(portal, stars, selected=nothing)["total"] == 0


@pytest.mark.parametrize(
    ("body", "headers"),
    [(b"abc", BINARY), (b"\xa0\x86\x01\x00", BINARY), (b"[1]", {"Content-Type": "application/json"}), (b"", {})],
)
def test_what_is_no_selection_is_refused(portal: TestClient, stars: str, body: bytes, headers: dict[str, str]) -> None:
    answer = portal.post(f"api/queries/{stars}/selections", content=body, headers=headers)
    assert answer.status_code == 400
    assert set(answer.json()) == ERROR


def test_files_hold_the_selected_rows(portal: TestClient, stars: str) -> None:
    chosen = select(portal, stars, [0, 1])

    def file(name: str) -> bytes:
        answer = portal.get(f"api/queries/{stars}/file", params={"format": name, "selected": chosen})
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
        return bytes(answer.content)

    assert pa.ipc.open_stream(file("arrow")).read_all().column("hip").to_pylist() == [1, 2]
    assert pa.parquet.read_table(io.BytesIO(file("parquet"))).num_rows == 2
    assert file("csv").splitlines()[1].startswith(b"1,")
    assert list(Table.read(io.BytesIO(file("fits")), format="fits")["hip"]) == [1, 2]
    assert list(parse_single_table(io.BytesIO(file("votable"))).array["hip"]) == [1, 2]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=5001",
        "limit=x",
        "limit=NaN",
        "offset=-1",
        "offset=1e400",
        "sort=nope",
        "sort=" + "x" * 300,
        "descending=perhaps",
        "selected=../../portal.sqlite",
        "selected=" + "0" * 32,
        "unknown=1",
        "sort=vmag;DROP TABLE results",
    ],
)
def test_pages_that_are_no_pages_are_refused(portal: TestClient, stars: str, query: str) -> None:
    answer = portal.get(f"api/queries/{stars}/rows?{query}")
    assert answer.status_code in (400, 404)
    assert set(answer.json()) >= ERROR


@pytest.mark.parametrize("query", ["", "format=", "format=xlsx", "format=csv&selected=/etc/passwd", "format=csv&x=1"])
def test_files_that_are_no_files_are_refused(portal: TestClient, stars: str, query: str) -> None:
    answer = portal.get(f"api/queries/{stars}/file?{query}")
    assert answer.status_code in (400, 404)
    assert set(answer.json()) >= ERROR


IDENTIFIERS = ["nope", "..%2f..%2fportal.sqlite", "%00", "." * 40, "x" * 5000, "0" * 32, "'; DROP TABLE results; --"]


@pytest.mark.parametrize("identifier", IDENTIFIERS)
@pytest.mark.parametrize("rest", ["", "/rows", "/columns/ra", "/file?format=csv"])
def test_ids_that_are_no_results_are_not_found(portal: TestClient, identifier: str, rest: str) -> None:
    answer = portal.get(f"api/queries/{identifier}{rest}")
    assert answer.status_code == 404
    assert set(answer.json()) >= ERROR


@pytest.mark.parametrize(("method", "path"), [("GET", "api/queries"), ("DELETE", "api/queries/" + "0" * 32)])
def test_what_is_a_users_own_needs_a_user(portal: TestClient, method: str, path: str) -> None:
    answer = portal.request(method, path)
    assert answer.status_code == 401
    assert answer.json()["error"] == "sign_in_needed"
    assert answer.headers["www-authenticate"]


HOSTILE_BODIES = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"{",
    b"\xff\xfe",
    b"NaN",
    b'{"adql": 1}',
    b'{"adql": null}',
    b'{"adql": "SELECT 1", "rows": "5"}',
    b'{"adql": "SELECT 1", "rows": -1}',
    b'{"adql": "SELECT 1", "rows": NaN}',
    b'{"adql": "SELECT 1", "rows": 1e400}',
    b'{"adql": "SELECT 1", "rows": true}',
    b'{"adql": "SELECT 1", "rows": 10000000000000}',
    b'{"adql": "SELECT 1", "rows": ' + b"9" * 5000 + b"}",
    b'{"adql": "SELECT 1", "extra": 1}',
    b"[" * 100_000,
    b'{"catalog": "hipparcos", "rows": 0}',
    b'{"catalog": "../../etc", "rows": 1}',
    b'{"catalog": "hipparcos", "epoch": NaN}',
    b'{"catalog": "hipparcos", "epoch": 1e308}',
    b'{"catalog": "hipparcos", "epoch": "2026"}',
    b'{"catalog": "openngc", "epoch": 2026}',
    b'{"catalog": "hipparcos", "target": ""}',
    b'{"catalog": "hipparcos", "target": "nowhere at all"}',
    b'{"catalog": "hipparcos", "target": "GW150914"}',
    b'{"catalog": "hipparcos", "radius": "1 deg"}',
    b'{"catalog": "hipparcos", "target": "M42", "radius": "1"}',
    b'{"catalog": "hipparcos", "target": "M42", "radius": "-1 deg"}',
    b'{"catalog": "hipparcos", "target": "M42", "radius": "nan deg"}',
    b'{"catalog": "hipparcos", "target": "M42", "radius": "200 deg"}',
    b'{"catalog": "hipparcos", "columns": []}',
    b'{"catalog": "hipparcos", "columns": ["ra; DROP TABLE x"]}',
    b'{"catalog": "hipparcos", "order": {"column": "nope"}}',
    b'{"catalog": "hipparcos", "filters": [{"column": "vmag", "operator": "<", "value": NaN}]}',
    b'{"catalog": "hipparcos", "filters": [{"column": "vmag", "operator": "<", "value": Infinity}]}',
    b'{"catalog": "hipparcos", "filters": [{"column": "vmag", "operator": "; DROP", "value": 1}]}',
    b'{"catalog": "hipparcos", "filters": [{"column": "vmag", "operator": "in", "value": []}]}',
]


TAKES_JSON = ["api/queries", "api/queries/form", "api/adql/check", "api/adql/explain", "api/adql/complete"]


@pytest.mark.parametrize("path", TAKES_JSON)
@pytest.mark.parametrize("body", HOSTILE_BODIES, ids=lambda body: body[:60].decode("ascii", "replace"))
def test_hostile_bodies_are_refused_in_words(portal: TestClient, path: str, body: bytes) -> None:
    answer = portal.post(path, content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500, answer.text
    assert set(answer.json()) >= ERROR
    assert answer.json()["message"]
    assert len(answer.text) < 3000


@pytest.mark.parametrize("path", TAKES_JSON)
def test_a_megabyte_is_refused_or_read_but_never_breaks(portal: TestClient, path: str) -> None:
    for body in (
        {"adql": "x" * 1_000_000},
        {"catalog": "x" * 1_000_000},
        {"catalog": "hipparcos", "target": "x" * 1_000_000},
    ):
        answer = portal.post(path, json=body)
        assert 400 <= answer.status_code < 500
        assert len(answer.text) < 3000


def test_a_body_beyond_the_limit_is_too_large(portal: TestClient) -> None:
    answer = portal.post("api/adql/check", content=b" " * 16_000_001, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["error"] == "too_large"


@given(JSON)
def test_no_form_breaks_it(portal: TestClient, body: object) -> None:
    answer = portal.post("api/queries/form", json=body)
    assert 400 <= answer.status_code < 500
    assert set(answer.json()) >= ERROR


@given(
    JSON, st.sampled_from(["hip", "vmag", "name", "nope"]), st.sampled_from(["=", "in", "like", "between", "is null"])
)
def test_no_filter_breaks_it(portal: TestClient, value: object, column: str, operator: str) -> None:
    form = {"catalog": "hipparcos", "filters": [{"column": column, "operator": operator, "value": value}]}
    answer = portal.post("api/queries/form", json=form)
    assert answer.status_code in (200, 400)


def test_an_array_is_shown_and_is_no_column_of_numbers(portal: TestClient) -> None:
    adql = "SELECT hip, ivo_epoch_prop(ra, dec, 5, pmra, pmdec, 0, 1991.25, 2026) AS star FROM hipparcos WHERE hip < 4"
    made = portal.post("api/queries", json={"adql": adql}).json()
    assert [star.count(",") for _, star in rows(portal, made["id"])["rows"]] == [5, 5, 5]
    assert portal.get(f"api/queries/{made['id']}/columns/star").status_code == 400
