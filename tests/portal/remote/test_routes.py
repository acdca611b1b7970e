"""A second portal, over real HTTP, as the other service; and services that refuse, cut, or take their time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from uraniborg_portal.main import create_app
from uraniborg_portal.settings import QueryLimits, RemoteTap, Settings

Serve = Callable[[FastAPI | Starlette], AbstractContextManager[str]]
PREFIX = "/services/portal/"
VOTABLE = """<?xml version="1.0"?><VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">
<RESOURCE type="results">{before}{table}{after}</RESOURCE></VOTABLE>"""
TABLE = """<TABLE><FIELD name="n" datatype="int"/><DATA><TABLEDATA>{rows}</TABLEDATA></DATA></TABLE>"""


def votable(rows: int, after: str = "", before: str = '<INFO name="QUERY_STATUS" value="OK"/>') -> str:
    """A document as services send it."""
    cells = "".join(f"<TR><TD>{number}</TD></TR>" for number in range(rows))
    return VOTABLE.format(before=before, after=after, table=TABLE.format(rows=cells) if rows else "")


OVERFLOW = '<INFO name="QUERY_STATUS" value="OVERFLOW"/>'
LATE = '<INFO name="QUERY_STATUS" value="ERROR">Synchronous queries have 60 s: timed out</INFO>'
WRONG = '<INFO name="QUERY_STATUS" value="ERROR">Unknown column &quot;x&quot;</INFO>'
ANSWERS = {
    "cut": (votable(2, OVERFLOW), 200),
    "late": (votable(0, before=LATE), 400),
    "wrong": (votable(0, before=WRONG), 400),
    "page": ("<html><title>Maintenance</title></html>", 503),
    "rubbish": ("n\n5", 200),
    "broken": (votable(1)[:-30], 200),
}


class OddService:
    """A TAP service whose synchronous answers are short, late or wrong: the query's text says which."""

    def __init__(self) -> None:
        self.removed: list[str] = []
        self.started = 0
        self.headers: list[dict[str, str]] = []

    async def sync(self, request: Request) -> Response:
        """Answer as the query wants it."""
        self.headers.append(dict(request.headers))
        async with request.form() as form:
            query = str(form["QUERY"])
        if query == "hangs":
            await asyncio.sleep(600)
        if query == "away":
            return RedirectResponse("http://169.254.169.254/latest/meta-data")
        content, status = ANSWERS[query]
        return Response(content, status)

    async def make(self, request: Request) -> Response:
        """Make a job."""
        return RedirectResponse("/tap/async/7", 303)

    async def phase(self, request: Request) -> Response:
        """Start it, and have it end at the second look."""
        if request.method == "GET":
            self.started += 1
        return PlainTextResponse("EXECUTING" if self.started <= 1 else "COMPLETED\n")

    async def result(self, request: Request) -> Response:
        """Give five rows."""
        return Response(votable(5))

    async def remove(self, request: Request) -> Response:
        """Note what is removed."""
        self.removed.append(request.url.path)
        return RedirectResponse("/tap/async", 303)

    def app(self) -> Starlette:
        """It over HTTP."""
        return Starlette(
            routes=[
                Route("/tap/sync", self.sync, methods=["POST"]),
                Route("/tap/async", self.make, methods=["POST"]),
                Route("/tap/async/7/phase", self.phase, methods=["GET", "POST"]),
                Route("/tap/async/7/results/result", self.result),
                Route("/tap/async/7", self.remove, methods=["DELETE"]),
            ]
        )


@pytest.fixture(scope="module")
def odd_service() -> OddService:
    """A service with its own ways."""
    return OddService()


@pytest.fixture(scope="module")
def near(tmp_path_factory: pytest.TempPathFactory, serve: Serve, odd_service: OddService) -> Iterator[TestClient]:
    """A portal whose operator names a second portal, and the odd service."""
    limits = QueryLimits(maximum_rows=2_000)
    far = create_app(Settings(home=tmp_path_factory.mktemp("far"), network=False, queries=limits))
    with serve(far) as far_url, serve(odd_service.app()) as odd_url:
        services = {"far": f"{far_url}{PREFIX}tap", "odd": f"{odd_url}/tap"}
        home = tmp_path_factory.mktemp("near")
        app = create_app(Settings(home=home, network=False, remote_tap=RemoteTap(services=services)))
        with TestClient(app, base_url=f"http://testserver{PREFIX}", raise_server_exceptions=False) as client:
            yield client


def asked(near: TestClient, service: str, adql: str, status: int = 201, **more: object) -> dict[str, Any]:
    """The answer to a query."""
    headers = {"Cookie": "secret=1", "X-Secret": "1"}
    answer = near.post("api/remote/queries", json={"service": service, "adql": adql, **more}, headers=headers)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def test_tables_of_another_portal_are_found_and_described(near: TestClient) -> None:
    assert [each["name"] for each in near.get("api/remote").json()["services"]] == ["far", "odd"]
    found = near.get("api/remote/tables", params={"service": "far", "search": "HIPPARCOS"}).json()
    assert found[0]["name"] == "hipparcos"
    table = near.get("api/remote/table", params={"service": "far", "name": "hipparcos"}).json()
    assert (table["ra"], table["dec"]) == ("ra", "dec")
    column = next(each for each in table["columns"] if each["name"] == "pmra")
    assert (column["unit"], column["ucd"], column["principal"]) == ("mas/yr", "pos.pm;pos.eq.ra", True)
    unknown = near.get("api/remote/table", params={"service": "far", "name": "nothing"})
    assert (unknown.status_code, unknown.json()["field"]) == (404, "name")


def test_a_form_is_answered_by_another_portal_and_kept_like_any_result(near: TestClient) -> None:
    form = {"service": "far", "table": "hipparcos", "target": "M45", "radius": "1 deg", "rows": 1000}
    form["filters"] = [{"column": "vmag", "operator": "<", "value": "6"}]
    made = near.post("api/remote/form", json=form)
    assert made.status_code == 200, made.text
    kept = asked(near, "far", made.json()["adql"], rows=1000)
    assert 5 < kept["rows"] < 30
    assert (kept["service"], kept["overflow"], kept["position"]) == ("far", False, {"ra": "ra", "dec": "dec"})
    assert "service='far'" in kept["python"]
    assert kept["notes"][0].startswith("From far (http://127.0.0.1")
    page = near.get(f"api/queries/{kept['id']}/rows", params={"sort": "vmag", "limit": 3}).json()
    assert page["total"] == kept["rows"]
    assert near.get(f"api/queries/{kept['id']}").json()["service"] == "far"


def test_a_limit_of_the_service_or_of_rows_is_said(near: TestClient) -> None:
    kept = asked(near, "far", "SELECT hip FROM hipparcos", rows=5000)
    assert (kept["rows"], kept["overflow"]) == (2000, True)
    assert "OVERFLOW" in kept["notes"][1]
    kept = asked(near, "far", "SELECT hip FROM hipparcos", rows=10)
    assert (kept["rows"], kept["overflow"]) == (10, True)


def test_the_words_of_the_service_are_shown(near: TestClient) -> None:
    refused = asked(near, "far", "SELECT nothing FROM hipparcos", 400)
    assert refused["message"].startswith("far answers: ")
    assert "nothing" in refused["message"]
    assert "its own words" in refused["remedy"]
    cases = {
        "wrong": (400, 'odd answers: Unknown column "x"'),
        "page": (503, "odd answers: Maintenance"),
        "rubbish": (503, "sends no VOTable, but: n"),
        "broken": (503, "can't be read"),
        "away": (400, "'169.254.169.254' may not be asked"),
    }
    for query, (status, words) in cases.items():
        assert words in asked(near, "odd", query, status)["message"]
    assert asked(near, "http://localhost:1/tap", "SELECT 1", 400)["field"] == "service"
    assert asked(near, "nobody", "SELECT 1", 404)["field"] == "service"
    assert asked(near, "far", "SELECT 1", 400, rows=10**9)["field"] == "rows"


@pytest.mark.parametrize("query", ["late", "cut"])
def test_what_takes_too_long_or_is_cut_is_asked_asynchronously(
    near: TestClient, odd_service: OddService, query: str
) -> None:
    odd_service.started, odd_service.removed = 0, []
    kept = asked(near, "odd", query)
    assert (kept["rows"], kept["overflow"], odd_service.removed) == (5, False, ["/tap/async/7"])


def test_nothing_of_the_caller_is_sent(near: TestClient, odd_service: OddService) -> None:
    asked(near, "odd", "wrong", 400)
    sent = {name for headers in odd_service.headers for name in headers}
    assert not sent & {"cookie", "authorization", "x-secret", "referer", "origin"}


def test_a_service_that_never_answers_is_left(tmp_path: Path, odd_service: OddService, serve: Serve) -> None:
    with serve(odd_service.app()) as url:
        limits = RemoteTap(services={"odd": f"{url}/tap"}, seconds=0.5, async_seconds=0.5)
        with TestClient(create_app(Settings(home=tmp_path, network=False, remote_tap=limits))) as portal:
            client = TestClient(portal.app, base_url=f"http://testserver{PREFIX}")
            odd_service.started = -1000
            refused = asked(client, "odd", "hangs", 408)
            odd_service.started = 0
    assert "asynchronous answer in time" in refused["message"]


def test_a_query_ends_with_its_client(tmp_path: Path, odd_service: OddService, serve: Serve) -> None:
    with serve(odd_service.app()) as url:
        limits = RemoteTap(services={"odd": f"{url}/tap"}, at_once=1)
        app = create_app(Settings(home=tmp_path, network=False, remote_tap=limits))
        with serve(app) as portal:
            path = f"{portal}{PREFIX}api/remote/queries"
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(path, json={"service": "odd", "adql": "hangs"}, timeout=1, trust_env=False)
            asker = app.state.context.remote.asker
            end = time.monotonic() + 20
            while asker.running and time.monotonic() < end:
                time.sleep(0.02)
            refused = httpx.post(path, json={"service": "odd", "adql": "wrong"}, timeout=20, trust_env=False)
    assert (refused.status_code, asker.running) == (400, 0)
