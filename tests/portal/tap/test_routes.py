"""TAP over HTTP: queries, formats, refusals, the documents."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow as pa
import pytest
from astropy.io.votable import parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

VALID = "SELECT TOP 3 hip, ra, dec FROM hipparcos ORDER BY vmag"
INFO = "{http://www.ivoa.net/xml/VOTable/v1.3}INFO"


def status_of(content: bytes) -> tuple[str, str]:
    infos = [info for info in ET.fromstring(content).iter(INFO) if info.get("name") == "QUERY_STATUS"]
    return infos[-1].get("value", ""), infos[-1].text or ""


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("spelling", [str, str.lower, str.title])
def test_query_is_answered_by_any_method_and_spelling(portal: TestClient, method: str, spelling: type[str]) -> None:
    given = {spelling(name): value for name, value in {"LANG": "ADQL", "QUERY": VALID, "ignore-me": "1"}.items()}
    answer = portal.request(method, "tap/sync", **{"params" if method == "GET" else "data": given})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/x-votable+xml")
    assert "IVOA-TAP" in answer.headers["server"]
    table = parse(io.BytesIO(answer.content)).get_first_table()
    assert list(table.array["hip"]) == [32349, 30438, 69673]
    assert table.get_field_by_id_or_name("ra").unit == "deg"


def test_overflow_and_metadata_only(portal: TestClient) -> None:
    query = {"LANG": "ADQL", "QUERY": "SELECT hip FROM hipparcos"}
    over = portal.get("tap/sync", params={**query, "MAXREC": "5"})
    assert status_of(over.content)[0] == "OVERFLOW"
    assert len(parse(io.BytesIO(over.content)).get_first_table().array) == 5
    none = portal.get("tap/sync", params={**query, "MAXREC": "0"})
    assert len(parse(io.BytesIO(none.content)).get_first_table().array) == 0


def explained(portal: TestClient, query: str) -> list[dict[str, str]]:
    answer = portal.get("tap/sync", params={"QUERY": query, "EXPLAIN": "1", "FORMAT": "csv"})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_explain_gives_what_would_be_read(portal: TestClient) -> None:
    (whole,) = explained(portal, "SELECT hip, vmag FROM hipparcos WHERE vmag < 3")
    assert (whole["answered_by"], whole["columns"]) == ("shards", "hip vmag")
    # All shards have bright stars; a few of their row groups have none.
    assert whole["shards"] == whole["of_shards"]
    assert 100_000 < int(whole["rows"]) < 117_955
    cone = "CONTAINS(POINT(ra, dec), CIRCLE(56.75, 24.1, 1)) = 1"
    (part,) = explained(portal, " ".join(("SELECT hip FROM hipparcos WHERE", cone)))
    assert 0 < int(part["shards"]) < int(whole["shards"])
    assert 0 < int(part["rows"]) < 500 and 0 < int(part["bytes"]) < int(whole["bytes"])
    (count,) = explained(portal, "SELECT COUNT(*) FROM hipparcos")
    assert (count["answered_by"], count["shards"], count["bytes"]) == ("description", "0", "0")
    names = {row["table"] for row in explained(portal, "SELECT * FROM hipparcos a JOIN tap_schema.tables b ON 1 = 1")}
    assert names == {"hipparcos", "TAP_SCHEMA.tables"}
    assert [row["lane"] for row in (whole, part, count)] == ["interactive", "interactive", "metadata"]
    assert (whole["steps"], whole["gathered"], whole["joined"]) == ("1", "", "")


def test_explain_says_it_in_words_too(portal: TestClient) -> None:
    query = "SELECT 1 / 2 FROM hipparcos WHERE hip = 5"
    answer = portal.get("tap/sync", params={"QUERY": query, "EXPLAIN": "1", "FORMAT": "json"})
    words, note = answer.json()["notes"]
    assert note.startswith("1/2 is 0")
    assert re.fullmatch(r"Reads about [0-9,]+ rows \([0-9.]+ kB\) in 1 of 12 shards of hipparcos\.", words)


@pytest.mark.parametrize(("name", "start"), [("csv", b'"hip"'), ("parquet", b"PAR1"), ("fits", b"SIMPLE")])
@pytest.mark.parametrize("parameter", ["RESPONSEFORMAT", "FORMAT"])
def test_formats(portal: TestClient, name: str, start: bytes, parameter: str) -> None:
    answer = portal.get("tap/sync", params={"LANG": "ADQL", "QUERY": VALID, parameter: name})
    assert answer.content.startswith(start)


STAR = "ivo_epoch_prop(ra, dec, {}, pmra, pmdec, 10, 1991.25, 2026)"


@pytest.mark.parametrize("form", ["votable", "votable/td", "votable/b", "fits", "json", "csv", "parquet"])
def test_an_array_that_is_calculated_goes_into_every_format(portal: TestClient, form: str) -> None:
    query = " ".join(("SELECT", STAR.format(5), "AS a,", STAR.format("NULL"), "AS b FROM hipparcos WHERE hip = 87937"))
    answer = portal.get("tap/sync", params={"QUERY": query, "FORMAT": form})
    assert answer.status_code == 200, answer.text
    if form.startswith("votable"):
        table = parse(io.BytesIO(answer.content)).get_first_table()
        assert table.get_field_by_id_or_name("a").arraysize == "6"
        known, without = table.array["a"][0], table.array["b"][0]
        np.testing.assert_allclose([known[:2], without[:2]], [[269.446295, 4.767971]] * 2, atol=2e-6)
        assert np.isnan(np.ma.filled(without, np.nan)).tolist() == [False, False, True, False, False, True]


@pytest.mark.parametrize(
    ("accept", "given", "media_type"),
    [
        ("*/*", {}, "application/x-votable+xml"),
        ("text/csv", {}, "text/csv;header=present"),
        ("text/csv", {"FORMAT": "json"}, "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", {}, "text/html;charset=utf-8"),
        ("image/png", {}, "application/x-votable+xml"),
    ],
)
def test_the_format_is_negotiated(portal: TestClient, accept: str, given: dict[str, str], media_type: str) -> None:
    answer = portal.get("tap/sync", params={"QUERY": VALID, **given}, headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.headers["vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize(
    ("accepted", "form", "coding"),
    [
        ("gzip", "votable", "gzip"),
        ("gzip, zstd", "fits", "zstd"),
        ("gzip", "parquet", None),
        ("identity", "csv", None),
    ],
)
def test_answers_are_compressed_where_clients_ask(
    portal: TestClient, accepted: str, form: str, coding: str | None
) -> None:
    query = {"QUERY": "SELECT hip, ra, dec FROM hipparcos", "FORMAT": form}
    plain = portal.get("tap/sync", params=query, headers={"Accept-Encoding": "identity"})
    with portal.stream("GET", "tap/sync", params=query, headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == coding
    if coding:
        assert len(raw) < 0.95 * len(plain.content)
        with pa.CompressedInputStream(pa.BufferReader(raw), coding) as read:
            assert read.read() == plain.content
    else:
        assert len(raw) == len(plain.content)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"LANG": "ADQL"}, "QUERY"),
        ({"LANG": "OOBLECK", "QUERY": VALID}, "LANG"),
        ({"QUERY": VALID, "MAXREC": "-1"}, "MAXREC"),
        ({"QUERY": VALID, "MAXREC": "nan"}, "MAXREC"),
        ({"QUERY": VALID, "RESPONSEFORMAT": "xlsx"}, "RESPONSEFORMAT"),
        ({"QUERY": VALID, "EXPLAIN": "maybe"}, "EXPLAIN"),
        ({"QUERY": "SELECT hipp FROM hipparcos", "EXPLAIN": "1"}, "Did you mean hip"),
        ({"QUERY": VALID, "REQUEST": "getCapabilities"}, "REQUEST"),
        ({"QUERY": VALID, "UPLOAD": "t,http://x"}, "UPLOAD"),
        ({"QUERY": "DUFF QUERY"}, "SELECT"),
        ({"QUERY": "SELECT hipp FROM hipparcos"}, "Did you mean hip"),
        ({"QUERY": "SELECT * FROM read_csv('/etc/passwd')"}, "FROM"),
        ({"QUERY": "COPY (SELECT 1) TO '/tmp/x'"}, "SELECT"),
        ({"QUERY": "SELECT '\x00' FROM hipparcos"}, "not part of ADQL"),
        ({"QUERY": "SELECT hip FROM hipparcos WHERE name = '" + "a" * 200_000}, "characters"),
    ],
)
def test_refusal_is_a_votable(portal: TestClient, given: dict[str, str], word: str) -> None:
    answer = portal.post("tap/sync", data=given)
    assert 400 <= answer.status_code < 500
    status, message = status_of(answer.content)
    assert status == "ERROR"
    assert word in message


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=300), maxrec=st.text(max_size=8), form=st.text(max_size=12))
def test_any_text_is_answered_without_a_fault(
    portal: TestClient, portal_home: Path, query: str, maxrec: str, form: str
) -> None:
    before = files_below(portal_home / "portal" / "catalogs")
    for text in (query, query.join(["SELECT '", "' AS x FROM openngc WHERE name = '", "'"])):
        answer = portal.post("tap/sync", data={"QUERY": text, "MAXREC": maxrec, "FORMAT": form})
        assert answer.status_code < 500
        assert status_of(answer.content)[0] in ("ERROR", "OK", "OVERFLOW")
    assert files_below(portal_home / "portal" / "catalogs") == before


def files_below(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.mark.parametrize("path", ["tables", "tables?detail=min", "tables/hipparcos", "capabilities", "availability"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_documents_are_xml(portal: TestClient, path: str, method: str) -> None:
    answer = portal.request(method, f"tap/{path}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/xml")
    if method == "GET":
        assert ET.fromstring(answer.content).tag
        assert (b"<column" in answer.content) == (path in ("tables", "tables/hipparcos"))


@pytest.mark.parametrize(("path", "status"), [("tables/hiparcos", 404), ("tables?detail=all", 400)])
def test_wrong_documents_are_refused(portal: TestClient, path: str, status: int) -> None:
    answer = portal.get(f"tap/{path}")
    assert answer.status_code == status
    assert status_of(answer.content)[0] == "ERROR"
