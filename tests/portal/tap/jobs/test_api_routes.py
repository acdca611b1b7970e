"""Asynchronous queries as pages and notebooks see them: listed, waited for, stopped, run again, opened, deleted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Service

API = "http://testserver/services/portal/api"
BRIGHT = "SELECT TOP 3 hip, ra, dec, vmag FROM hipparcos ORDER BY vmag"
ENDLESS = "SELECT COUNT(*) FROM hipparcos AS a CROSS JOIN hipparcos AS b WHERE SIN(a.ra * b.dec + a.vmag) > 2"
STAR = (
    b"<VOTABLE version='1.4' xmlns='http://www.ivoa.net/xml/VOTable/v1.3'><RESOURCE><TABLE>"
    b"<FIELD name='ra' datatype='double' unit='deg'/><FIELD name='dec' datatype='double' unit='deg'/>"
    b"<DATA><TABLEDATA><TR><TD>101.287</TD><TD>-16.716</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"
)


def ask(
    service: Service,
    method: str,
    path: str,
    status: int = 200,
    *,
    json: dict[str, object] | None = None,
    params: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The JSON of an answer that has this status; empty where there is none."""
    headers = {"x-user": service.user} if service.user else {}
    answer = service.client.request(method, f"{API}/{path}", headers=headers, json=json, params=params)
    assert answer.status_code == status, answer.text
    return dict(answer.json()) if answer.content else {}


def made(service: Service, adql: str, **more: object) -> dict[str, Any]:
    """A query that was just made."""
    return ask(service, "POST", "async", 201, json={"adql": adql, **more})


def ended(service: Service, identifier: str) -> dict[str, Any]:
    """A query once it has ended."""
    job = ask(service, "GET", f"async/{identifier}")
    while job["phase"] in ("PENDING", "QUEUED", "EXECUTING"):
        job = ask(service, "GET", f"async/{identifier}", params={"phase": job["phase"], "wait": "10"})
    return job


def listed(service: Service, **given: object) -> dict[str, Any]:
    """The list."""
    return ask(service, "GET", "async", params={name: str(value) for name, value in given.items()})


def test_a_query_is_made_waited_for_and_opened_once(service: Service) -> None:
    job = ended(service, made(service, BRIGHT, rows=2)["id"])
    assert (job["phase"], job["rows"], job["overflow"], job["adql"]) == ("COMPLETED", 2, True, BRIGHT)
    assert job["limit"] == 2
    assert job["started"] <= job["ended"] <= job["now"] < job["expires"]
    described = ask(service, "POST", f"async/{job['id']}/open")
    assert (described["rows"], described["overflow"], described["epoch"]) == (2, True, 1991.25)
    assert described["position"] == {"ra": "ra", "dec": "dec"}
    assert "rows=2" in described["python"]
    direct = ask(service, "POST", "queries", 201, json={"adql": BRIGHT, "rows": 2})
    assert described["columns"] == direct["columns"] and described["notes"] == direct["notes"]
    assert ask(service, "GET", f"queries/{described['id']}/rows") == ask(service, "GET", f"queries/{direct['id']}/rows")
    assert ask(service, "POST", f"async/{job['id']}/open")["id"] == described["id"]
    service.context.results.store.remove([described["id"]])
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: ask(service, "POST", f"async/{job['id']}/open")["id"], range(4)))
    assert set(opened) == {described["id"]}


@pytest.mark.parametrize("name", ["votable", "votable/td", "csv", "fits", "parquet", "arrow"])
def test_what_another_client_made_opens_whatever_its_format(service: Service, name: str) -> None:
    adql = "SELECT TOP 5 hip, ra, dec, vmag, bv, CASE WHEN vmag < 0 THEN 'é' END AS w FROM hipparcos ORDER BY vmag"
    path = service.run(adql, RESPONSEFORMAT=name)
    described = ask(service, "POST", f"async{path}/open")
    direct = ask(service, "POST", "queries", 201, json={"adql": adql})
    assert described["columns"] == direct["columns"]
    assert (described["epoch"], described["notes"]) == (direct["epoch"], direct["notes"])
    ours, theirs = (ask(service, "GET", f"queries/{each['id']}/rows")["rows"] for each in (described, direct))
    assert [row[:5] for row in ours] == [row[:5] for row in theirs]


def test_what_cannot_run_is_refused_where_it_is_wrong(service: Service) -> None:
    error = ask(service, "POST", "async", 400, json={"adql": "SELECT hipp FROM hipparcos"})
    assert (error["error"], error["line"], error["column"]) == ("query_refused", 1, 8)
    assert ask(service, "POST", "async", 400, json={"adql": BRIGHT, "rows": 10**9})["field"] == "rows"


def test_an_error_has_its_words(service: Service) -> None:
    path = service.run("SELECT CAST('x' AS INTEGER) AS n FROM hipparcos")
    job = ask(service, "GET", f"async{path}")
    assert job["phase"] == "ERROR" and "x" in job["message"] and job["rows"] is None
    assert ask(service, "POST", f"async{path}/open", 404)["message"].startswith("This query has no result: it is ERROR")


def test_the_list_is_one_s_own_the_newest_first_and_waits_for_news(service: Service) -> None:
    someone = service.of("christine")
    first = listed(someone)
    assert (first["queries"], first["more"]) == ([], False)
    ids = [made(someone, BRIGHT)["id"] for _ in range(3)]
    seen = listed(someone, version=first["version"], wait=20)
    assert [job["id"] for job in seen["queries"]] == ids[::-1] and seen["version"] != first["version"]
    while any(job["phase"] != "COMPLETED" for job in seen["queries"]):
        seen = listed(someone, version=seen["version"], wait=20)
    assert not {job["id"] for job in listed(service)["queries"]} & set(ids)


def test_what_nobody_made_is_listed_for_who_knows_it(service: Service) -> None:
    nobody = service.of("")
    mine, foreign = made(nobody, BRIGHT)["id"], made(service, BRIGHT)["id"]
    assert listed(nobody)["queries"] == []
    known = listed(nobody, ids=f"{mine},{foreign},{'0' * 32},nonsense,")
    assert [job["id"] for job in known["queries"]] == [mine]
    assert mine in {job["id"] for job in listed(service, ids=mine)["queries"]}


def test_a_query_is_stopped_run_again_and_deleted(service: Service) -> None:
    identifier = made(service, ENDLESS)["id"]
    assert ask(service, "POST", f"async/{identifier}/stop")["phase"] == "ABORTED"
    again = ask(service, "POST", f"async/{identifier}/again", 201)
    assert again["id"] != identifier and again["adql"] == ENDLESS
    for each in (identifier, again["id"]):
        assert ask(service, "POST", f"async/{each}/delete", 204) == {}
        assert ask(service, "GET", f"async/{each}", 404)["remedy"] == "Make it again."


def test_a_query_is_run_again_with_its_tables(service: Service) -> None:
    adql = "SELECT h.hip FROM hipparcos AS h JOIN TAP_UPLOAD.stars AS s ON DISTANCE(h.ra, h.dec, s.ra, s.dec) < 0.01"
    given = {"LANG": "ADQL", "QUERY": adql, "UPLOAD": "stars,param:here", "PHASE": "RUN"}
    path = service.send("", {"here": STAR}, **given).headers["location"].rpartition("/")[2]
    job = ended(service, ask(service, "POST", f"async/{path}/again", 201)["id"])
    assert (job["phase"], job["rows"], job["tables"]) == ("COMPLETED", 1, ["stars"]), job
    opened = ask(service, "POST", f"async/{job['id']}/open")
    assert f'table = ub.result("{opened["id"]}")' in opened["python"]


def test_others_may_do_nothing_with_it(service: Service) -> None:
    identifier = made(service, BRIGHT)["id"]
    for who in (service.of("sophie"), service.of("")):
        ask(who, "GET", f"async/{identifier}", 403)
        for action in ("stop", "again", "open", "delete"):
            ask(who, "POST", f"async/{identifier}/{action}", 403)
    assert ended(service, identifier)["phase"] == "COMPLETED"
