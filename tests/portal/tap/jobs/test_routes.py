"""Asynchronous queries over HTTP: their lives, whose they are, what is refused, and that nothing of them is left."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import psutil
import pytest
from astropy.io.votable import parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from uraniborg_portal.settings import QueryLimits

if TYPE_CHECKING:
    from conftest import Open, Service

BRIGHT = "SELECT TOP 3 hip, ra, dec FROM hipparcos ORDER BY vmag"
ENDLESS = "SELECT COUNT(*) FROM hipparcos AS a CROSS JOIN hipparcos AS b WHERE SIN(a.ra * b.dec + a.vmag) > 2"
SLOW = "SELECT COUNT(*) FROM hipparcos AS a CROSS JOIN openngc AS b WHERE SIN(a.ra * b.dec + a.vmag) > 2"
UWS = "{http://www.ivoa.net/xml/UWS/v1.0}"
SYNC = "http://testserver/services/portal/tap/sync"
INFO = "{http://www.ivoa.net/xml/VOTable/v1.3}INFO"
GONE = "/0123456789abcdef0123456789abcdef"


def error_of(content: bytes) -> str:
    """The words of a VOTable that tells an error."""
    infos = {info.get("value"): info.text or "" for info in ET.fromstring(content).iter(INFO)}
    return infos["ERROR"]


def working(service: Service) -> list[psutil.Process]:
    """The query workers that are busy: they use the processor."""
    spill = str(service.context.settings.spill)
    return [
        child
        for child in psutil.Process().children()
        if child.is_running() and child.cwd().startswith(spill) and child.cpu_percent(0.2) > 20
    ]


def test_a_query_is_made_changed_run_and_read(service: Service) -> None:
    path = service.make("SELECT 1", RUNID="night 1", MAXREC="7", IGNORED="x")
    assert service.phase(path) == "PENDING"
    assert service.ask("POST", f"{path}/parameters", query=BRIGHT, ResponseFormat="csv").status_code == 303
    assert service.ask("GET", f"{path}/parameters/query").text == BRIGHT
    assert service.ask("POST", f"{path}/executionduration", EXECUTIONDURATION="90").status_code == 303
    assert service.ask("GET", f"{path}/executionduration").text == "90"
    assert service.ask("POST", f"{path}/destruction", DESTRUCTION="2031-01-01T00:00:00").status_code == 303
    latest = datetime.fromisoformat(service.ask("GET", f"{path}/destruction").text)
    assert timedelta(59) < latest - datetime.now(UTC) < timedelta(61)
    assert service.ask("GET", f"{path}/owner").text == "tycho"
    assert service.ask("GET", f"{path}/quote").text == ""
    assert service.ask("GET", f"{path}/results/result").status_code == 404
    assert service.ask("POST", f"{path}/phase", PHASE="RUN").headers["location"].endswith(path)
    assert service.ended(path) == "COMPLETED"
    result = service.ask("GET", f"{path}/results/result")
    assert result.headers["content-type"].startswith("text/csv")
    assert [line.split(",")[0] for line in result.text.splitlines()] == ['"hip"', "32349", "30438", "69673"]
    assert service.text(path, "runId") == "night 1"
    described = ET.fromstring(service.ask("GET", path).content)
    names = [each.get("id") for each in described.iter("{http://www.ivoa.net/xml/UWS/v1.0}parameter")]
    assert sorted(map(str, names)) == ["LANG", "MAXREC", "QUERY", "RESPONSEFORMAT", "RUNID"]
    link = next(described.iter("{http://www.ivoa.net/xml/UWS/v1.0}result"))
    assert link.get("size") == str(len(result.content))
    assert link.get("{http://www.w3.org/1999/xlink}href", "").endswith(f"{path}/results/result")
    assert service.ask("POST", f"{path}/phase", PHASE="RUN").status_code == 409
    assert service.ask("POST", f"{path}/parameters", MAXREC="1").status_code == 409
    assert service.ask("POST", f"{path}/phase", PHASE="ABORT").status_code == 303
    assert service.phase(path) == "COMPLETED"


def test_one_sees_how_far_a_long_query_is(opened: Open, tmp_path: Path) -> None:
    with opened(tmp_path, queries=QueryLimits(step_values=30_000)) as service:
        path = service.make(SLOW, PHASE="RUN")
        service.reached(path, "EXECUTING")
        known: dict[str, int] = {}
        while not known:
            assert service.phase(path) == "EXECUTING"
            found = ET.fromstring(service.ask("GET", path).content).find(f"{UWS}jobInfo")
            known = {each.tag.removeprefix(UWS): int(each.text or "") for each in found} if found is not None else {}
        assert 0 < known["stepsDone"] < known["steps"] <= 12
        api = f"http://testserver/services/portal/api/async/{path[1:]}"
        shown = service.client.get(api, headers={"x-user": service.user}).json()
        assert known["stepsDone"] <= shown["steps_done"] < shown["steps"] == known["steps"]
        service.ask("POST", f"{path}/phase", PHASE="ABORT")
        assert service.ended(path) == "ABORTED"


@pytest.mark.parametrize("name", ["votable", "votable/td", "csv", "fits", "parquet", "arrow"])
def test_an_answer_is_that_of_sync_in_every_format(service: Service, name: str) -> None:
    path = service.run(BRIGHT, RESPONSEFORMAT=name)
    ours = service.ask("GET", f"{path}/results/result")
    theirs = service.client.get(SYNC, params={"QUERY": BRIGHT, "FORMAT": name})
    assert ours.headers["content-type"] == theirs.headers["content-type"]
    assert ours.content == theirs.content
    part = service.client.get(str(ours.url), headers={"x-user": "tycho", "range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, ours.content[2:6])


def test_overflow_is_said_and_explain_is_answered(service: Service) -> None:
    path = service.run("SELECT hip FROM hipparcos", MAXREC="5")
    assert service.text(path, "jobInfo/rows") == "5"
    assert service.text(path, "jobInfo/overflow") == "true"
    table = parse(io.BytesIO(service.ask("GET", f"{path}/results/result").content)).get_first_table()
    assert len(table.array) == 5
    path = service.run("SELECT hip FROM hipparcos", EXPLAIN="1", FORMAT="csv")
    assert "of_shards" in service.ask("GET", f"{path}/results/result").text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"QUERY": "SELECT hipp FROM hipparcos"}, "Line 1, column 8"),
        ({"QUERY": ""}, "QUERY is missing"),
        ({"QUERY": BRIGHT, "LANG": "OOBLECK"}, "LANG='OOBLECK'"),
        ({"QUERY": BRIGHT, "FORMAT": "clay"}, "RESPONSEFORMAT='clay'"),
        ({"QUERY": BRIGHT, "MAXREC": "-1"}, "MAXREC='-1'"),
        ({"QUERY": BRIGHT, "maxrec": "1", "MaxRec": "2"}, "given twice"),
        ({"QUERY": "SELECT CAST('x' AS INTEGER) AS n FROM hipparcos"}, "x"),
    ],
)
def test_what_is_wrong_with_a_query_is_its_error(service: Service, given: dict[str, str], words: str) -> None:
    path = service.make(given.pop("QUERY"), PHASE="RUN", **given)
    assert service.ended(path) == "ERROR"
    answer = service.ask("GET", f"{path}/error")
    assert (answer.status_code, words in error_of(answer.content)) == (200, True), error_of(answer.content)
    assert service.text(path, "errorSummary/{http://www.ivoa.net/xml/UWS/v1.0}message") == error_of(answer.content)
    assert service.ask("GET", f"{path}/results/result").status_code == 404


def test_a_query_is_its_owner_s_alone(service: Service) -> None:
    path, other, nobody = service.run(BRIGHT), service.of("sophie"), service.of("")
    for who in (other, nobody):
        for below in ("", "/phase", "/parameters", "/parameters/QUERY", "/results", "/results/result", "/error"):
            assert who.ask("GET", path + below).status_code == 403
        assert who.ask("POST", path, ACTION="DELETE").status_code == 403
        assert who.ask("POST", f"{path}/phase", PHASE="ABORT").status_code == 403
        assert who.ask("POST", f"{path}/destruction", DESTRUCTION="2030-01-01").status_code == 403
        assert who.ask("DELETE", path).status_code == 403
        assert path not in who.listed()
    assert path in service.listed()


def test_a_query_of_nobody_is_in_nobody_s_list_and_belongs_to_who_has_its_id(service: Service) -> None:
    nobody = service.of("")
    path = nobody.run(BRIGHT)
    assert nobody.listed() == [] and path not in service.listed()
    assert nobody.text(path, "ownerId") is None
    assert service.ask("DELETE", path).headers["location"].endswith("/tap/async")
    assert nobody.ask("GET", path).status_code == 404


def test_lists_are_chosen_by_phase_time_and_number(service: Service) -> None:
    someone = service.of("johannes")
    first, second, third = (someone.make(BRIGHT) for _ in range(3))
    someone.ask("POST", f"{second}/phase", PHASE="RUN")
    someone.ended(second)
    assert someone.listed() == [first, second, third]
    assert someone.listed(LAST="2") == [second, third]
    assert someone.listed(PHASE="COMPLETED") == [second]
    assert someone.listed(PHASE="ARCHIVED") == []
    when = str(someone.text(second, "creationTime"))
    assert someone.listed(AFTER=when) in ([third], [second, third])  # times are given with milliseconds
    assert someone.listed(AFTER="2100-01-01") == []
    both = someone.client.get(
        "http://testserver/services/portal/tap/async?PHASE=PENDING&PHASE=COMPLETED&LAST=2",
        headers={"x-user": "johannes"},
    )
    assert [f"/{each.get('id')}" for each in ET.fromstring(both.content)] == [second, third]


REFUSED = [
    ("POST", "", {"PHASE": "ABORT"}, "being made"),
    ("POST", "", {"PHASE": "HOLD"}, "Accepted: RUN, ABORT"),
    ("POST", "", {"PHASE": "RUN", "phase": "ABORT"}, "given twice"),
    ("POST", "", {"UPLOAD": "t,param:x"}, "no file 'x' came with the request"),
    ("POST", "{job}/parameters", {"UPLOAD": "t,param:x"}, "no file 'x' came with the request"),
    ("GET", "", {"PHASE": "DREAMING"}, "Accepted: PENDING"),
    ("GET", "", {"LAST": "0"}, "not a number of jobs"),
    ("GET", "", {"LAST": "²"}, "not a number of jobs"),
    ("GET", "", {"AFTER": "yesterday"}, "ISO 8601"),
    ("GET", "{job}", {"WAIT": "long"}, "not a number of seconds"),
    ("POST", "{job}", {"ACTION": "BURN"}, "Accepted: DELETE"),
    ("POST", "{job}", {}, "Accepted: DELETE"),
    ("POST", "{job}/phase", {}, "PHASE is missing"),
    ("POST", "{job}/phase", {"PHASE": "PENDING"}, "Accepted: RUN, ABORT"),
    ("POST", "{job}/executionduration", {"EXECUTIONDURATION": "-1"}, "not a number of seconds"),
    ("POST", "{job}/destruction", {"DESTRUCTION": "soon"}, "ISO 8601"),
    ("POST", "{job}/destruction", {}, "ISO 8601"),
]


@pytest.mark.parametrize(("method", "path", "given", "words"), REFUSED)
def test_refusals_say_what_is_accepted(
    service: Service, method: str, path: str, given: dict[str, str], words: str
) -> None:
    answer = service.ask(method, path.format(job=service.make(BRIGHT)), **given)
    assert (answer.status_code, words in error_of(answer.content)) == (400, True), answer.text


@pytest.mark.parametrize("below", ["", "/phase", "/error", "/results", "/results/result", "/parameters/QUERY"])
def test_what_is_not_there_is_said(service: Service, below: str) -> None:
    answer = service.ask("GET", GONE + below)
    assert (answer.status_code, "asynchronous query" in error_of(answer.content)) == (404, True)


def test_a_wait_ends_with_the_phase_or_the_time(service: Service) -> None:
    path = service.make(BRIGHT)
    begun = time.monotonic()
    service.ask("GET", path, WAIT="30", PHASE="EXECUTING")  # it is in another phase: nothing to wait for
    service.ask("GET", path, WAIT="1")
    service.ask("POST", f"{path}/phase", PHASE="RUN")
    assert service.ended(path) == "COMPLETED"
    service.ask("GET", path, WAIT="-1")
    assert 1 < time.monotonic() - begun < 20


def test_of_two_tables_with_one_label_each_is_its_own_and_a_later_one_of_a_name_counts(service: Service) -> None:
    path = service.make("SELECT x.v AS a, y.v AS b FROM TAP_UPLOAD.x AS x, TAP_UPLOAD.y AS y", FORMAT="csv")
    for name, value in (("x", 7), ("y", 2), ("X", 1)):
        sent = service.send(f"{path}/parameters", {"f": f"v\n{value}\n".encode()}, UPLOAD=f"{name},param:f")
        assert sent.status_code == 303
    service.ask("POST", f"{path}/phase", PHASE="RUN")
    assert service.ended(path) == "COMPLETED"
    assert service.ask("GET", f"{path}/results/result").text.splitlines()[1:] == ["1,2"]
    for number in range(9):
        answer = service.send(f"{service.make(BRIGHT)}/parameters", {"f": b"v\n1\n"}, UPLOAD=f"t{number},param:f")
        assert answer.status_code == 303
    many = ";".join(f"t{number},param:f" for number in range(8))
    pending = service.make(BRIGHT)
    assert service.send(f"{pending}/parameters", {"f": b"v\n1\n"}, UPLOAD=many).status_code == 303
    more = service.send(f"{pending}/parameters", {"f": b"v\n1\n"}, UPLOAD="a,param:f;b,param:f;c,param:f")
    assert (more.status_code, "accepted: 10" in error_of(more.content)) == (400, True)


@pytest.mark.timeout(120)
def test_a_query_that_is_refused_leaves_nothing(opened: Open, tmp_path: Path) -> None:
    with opened(tmp_path, per_user=1, workers=1) as service:
        running = service.make(ENDLESS, PHASE="RUN")
        service.reached(running, "EXECUTING")
        answer = service.send("", {"f": b"v\n1\n"}, QUERY=BRIGHT, UPLOAD="t,param:f", PHASE="RUN")
        assert (answer.status_code, service.listed()) == (429, [running])
        assert not list(service.context.settings.state.joinpath("tap").glob("*/*"))
        service.ask("DELETE", running)


def test_a_body_that_is_no_form_is_refused(service: Service) -> None:
    url = "http://testserver/services/portal/tap/async"
    answer = service.client.post(url, json={"QUERY": BRIGHT}, headers={"x-user": "tycho"})
    assert (answer.status_code, "x-www-form-urlencoded" in error_of(answer.content)) == (400, True)


def test_a_time_of_removal_that_is_past_is_now(service: Service) -> None:
    path = service.make(BRIGHT)
    assert service.ask("POST", f"{path}/destruction", DESTRUCTION="0001-01-01T00:00:00+23:00").status_code == 303
    when = datetime.fromisoformat(service.ask("GET", f"{path}/destruction").text)
    assert abs(when - datetime.now(UTC)) < timedelta(minutes=1)
    assert service.ask("GET", path).status_code == 200


def test_tables_come_with_a_query_or_after_it_or_are_results(service: Service) -> None:
    files = {"a": b"n,word\n1,one\n2,two\n", "b": b"n\n2\n"}
    query = "SELECT a.n, word FROM TAP_UPLOAD.a AS a JOIN TAP_UPLOAD.b AS b ON a.n = b.n"
    answer = service.send("", {"a": files["a"]}, QUERY=query, UPLOAD="a,param:a", FORMAT="csv")
    path = answer.headers["location"].removeprefix("http://testserver/services/portal/tap/async")
    assert service.send(f"{path}/parameters", {"b": files["b"]}, UPLOAD="b,param:b").status_code == 303
    service.ask("POST", f"{path}/phase", PHASE="RUN")
    assert service.ended(path) == "COMPLETED"
    assert service.ask("GET", f"{path}/results/result").text.splitlines()[1:] == ['2,"two"']
    url = f"http://testserver/services/portal/tap/async{path}/results/result"
    given = {"QUERY": "SELECT word FROM TAP_UPLOAD.c", "UPLOAD": f"c,{url}", "FORMAT": "csv"}
    again = service.make(given.pop("QUERY"), PHASE="RUN", **given)
    assert service.ended(again) == "COMPLETED"
    assert service.ask("GET", f"{again}/results/result").text.splitlines()[1:] == ['"two"']
    other = service.of("sophie").ask("POST", QUERY="SELECT 1", UPLOAD=f"c,{url}")
    assert (other.status_code, "someone else" in error_of(other.content)) == (403, True)
    assert service.ask("DELETE", path).status_code == 303
    assert not service.context.settings.state.joinpath("tap", path[1:]).exists()
    assert service.send(f"{again}/parameters", {"b": b""}, UPLOAD="b,param:b").status_code == 409


@pytest.mark.timeout(120)
@pytest.mark.parametrize("how", ["abort", "delete"])
def test_a_query_that_is_not_wanted_ends_at_once_with_its_process(service: Service, how: str) -> None:
    path = service.make(ENDLESS, PHASE="RUN")
    service.reached(path, "EXECUTING")
    while not (busy := working(service)):
        assert service.phase(path) == "EXECUTING"
    if how == "abort":
        assert service.ask("POST", f"{path}/phase", PHASE="ABORT").status_code == 303
        assert service.phase(path) == "ABORTED"
    else:
        assert service.ask("POST", path, ACTION="DELETE").status_code == 303
        assert service.ask("GET", path).status_code == 404
    assert psutil.wait_procs(busy, timeout=1)[1] == []
    assert not service.context.settings.state.joinpath("tap", path[1:]).exists()
    assert service.ended(service.run(BRIGHT)) == "COMPLETED"


@pytest.mark.timeout(120)
def test_limits_of_time_number_and_space_are_said(opened: Open, tmp_path: Path) -> None:
    with opened(tmp_path, workers=1, per_user=2, kept_per_user=4, maximum_seconds=100) as service:
        path = service.make(ENDLESS)
        service.ask("POST", f"{path}/executionduration", EXECUTIONDURATION="0")
        assert service.ask("GET", f"{path}/executionduration").text == "100"
        service.ask("POST", f"{path}/executionduration", EXECUTIONDURATION="1")
        service.ask("POST", f"{path}/phase", PHASE="RUN")
        second = service.make(BRIGHT, PHASE="RUN")
        over = service.ask("POST", QUERY=BRIGHT, PHASE="RUN")
        assert (over.status_code, "accepted: 2" in error_of(over.content)) == (429, True)
        assert (service.ended(path), service.ended(second)) == ("ERROR", "COMPLETED")
        assert "stopped after 1 s" in error_of(service.ask("GET", f"{path}/error").content)
        for _ in range(2):
            service.make(BRIGHT)
        over = service.ask("POST", QUERY=BRIGHT)
        assert (over.status_code, "accepted: 4" in error_of(over.content)) == (429, True)
        assert service.of("sophie").run(BRIGHT)


def test_what_has_no_space_is_refused_and_not_kept(opened: Open, tmp_path: Path) -> None:
    with opened(tmp_path, megabytes_per_user=1, parameter_kilobytes=2) as service:
        path = service.run("SELECT hip, ra, dec FROM hipparcos")
        assert "accepted: 1 MB" in error_of(service.ask("GET", f"{path}/error").content)
        assert not list(service.context.settings.state.joinpath("tap").glob("*/*"))
        refused = service.send("", {"f": b"a" * 1_000_001}, QUERY=BRIGHT, UPLOAD="t,param:f", PHASE="RUN")
        assert (refused.status_code, service.listed()) == (413, [path])
        pending = service.make(BRIGHT)
        for number, status in enumerate([303, 303, 413]):
            answer = service.send(f"{pending}/parameters", {"f": b"a" * 400_000}, UPLOAD=f"t{number},param:f")
            assert answer.status_code == status
        assert len(list(service.context.settings.state.joinpath("tap").glob("*/*"))) == 2
        assert service.ended(service.run(BRIGHT)) == "COMPLETED"
        assert service.ask("POST", QUERY="SELECT" + 2_000 * " ").status_code == 413


def test_what_has_expired_is_removed_whole(opened: Open, tmp_path: Path) -> None:
    with opened(tmp_path) as service:
        kept, expired = service.run(BRIGHT), service.run(BRIGHT)
        service.ask("POST", f"{expired}/destruction", DESTRUCTION="2001-01-01")
        service.context.tap_jobs.clean()
        files = service.context.settings.state / "tap"
        assert service.listed() == [kept]
        assert [each.name for each in files.iterdir()] == [kept[1:]]


@pytest.mark.timeout(120)
def test_a_query_outlives_its_portal(opened: Open, tmp_path: Path) -> None:
    with opened(tmp_path, lease_seconds=1) as service:
        running, waiting = service.make(ENDLESS, PHASE="RUN"), service.make(BRIGHT)
        service.reached(running, "EXECUTING")
        done = service.run(BRIGHT)
    with opened(tmp_path, lease_seconds=1) as service:
        assert service.phase(done) == "COMPLETED"
        assert service.ask("GET", f"{done}/results/result").status_code == 200
        assert service.phase(waiting) == "PENDING"
        service.reached(running, "EXECUTING")
        service.ask("DELETE", running)


VALUES = st.text(max_size=40) | st.sampled_from(["RUN", "ABORT", "DELETE", "-1", "0", "1", "99999999999999", BRIGHT])
NAMES = st.sampled_from(
    ["PHASE", "ACTION", "LAST", "AFTER", "DESTRUCTION", "EXECUTIONDURATION", "QUERY", "LANG", "MAXREC", "RUNID"]
)
BELOW = st.sampled_from(
    ["", "/phase", "/parameters", "/executionduration", "/destruction", "/error", "/results", "/results/result"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["GET", "POST", "HEAD", "PUT"]), BELOW, st.dictionaries(NAMES, VALUES, max_size=4))
def test_any_text_is_answered_without_a_fault(service: Service, method: str, below: str, given: dict[str, str]) -> None:
    someone = service.of("hypatia")
    path = someone.make("SELECT 1 FROM hipparcos")
    for where in ("", path + below):
        answer = someone.ask(method, where, **given)
        assert answer.status_code < 500, answer.text
    someone.ask("DELETE", path)
    for left in someone.listed():
        someone.ask("DELETE", left)
