"""Real clients against a portal that listens: STILTS and pyvo, unmodified, as nobody and signed in."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import numpy as np
import pytest
import pyvo
import requests
from astropy.table import Table

if TYPE_CHECKING:
    from conftest import Archive

pytestmark = [pytest.mark.peers, pytest.mark.timeout(240)]

TOKEN = "f00dfeed"
QUERY = (
    "SELECT TOP 5 hip, ra, dec FROM hipparcos WHERE 1 = CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', 83.8, -5.4, 1))"
)
STAGES = "TMV TME TMS TMC CPV CAP AVV QGE QPO QAS UWS MDQ OBS UPL EXA"
Stilts = Callable[..., list[str]]


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)


def test_taplint_finds_no_error(tap_url: str, stilts: Stilts) -> None:
    report = run(stilts("taplint", f"tapurl={tap_url}", f"stages={STAGES}", "report=EWF")).stdout
    assert "Totals: Errors: 0;" in report, report
    assert "Failures: 0" in report, report


def test_taplint_finds_no_error_in_products(archive: Archive, stilts: Stilts) -> None:
    for product in ("strain", "skymap"):
        archive.make("tycho", "gw", product=product)
    report = run(stilts("taplint", f"tapurl={archive.url}tap", "stages=TME CAP OBS", "report=EWFS")).stdout
    assert "columns: 30/30 required, 3/30 optional, 0 custom" in report, report
    assert "Totals: Errors: 0; Warnings: 3;" in report, report


def test_stilts_queries_as_nobody(tap_url: str, stilts: Stilts) -> None:
    for how in ("true", "false"):
        done = run(stilts("tapquery", f"tapurl={tap_url}", f"sync={how}", f"adql={QUERY}", "ofmt=csv"))
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) == 6


def test_stilts_signs_in_where_the_service_asks(guarded_url: tuple[str, bool], stilts: Stilts) -> None:
    url, anonymous = guarded_url
    # The names of STILTS 3.4 and of 3.5.
    older = ("-Dstar.basicauth.user=tycho", f"-Dstar.basicauth.password={TOKEN}")
    signed = (*older, "-Dauth.username=tycho", f"-Dauth.password={TOKEN}")
    task = ("tapquery", f"tapurl={url}", "sync=true", f"adql={QUERY}", "ofmt=csv")
    done = run(stilts(*signed, *task))
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 6
    assert (run(stilts(*task)).returncode == 0) is anonymous


def test_pyvo_queries_as_nobody(tap_url: str) -> None:
    service = pyvo.dal.TAPService(tap_url)
    found = service.search(QUERY)
    assert len(found) == 5
    assert found.to_table()["ra"].unit == "deg"
    assert {"hipparcos", "openngc", "TAP_SCHEMA.columns"} <= set(service.tables.keys())
    assert service.maxrec == 100_000
    assert [column.name for column in service.tables["hipparcos"].columns][:1] == ["hip"]


def test_pyvo_runs_a_query_while_nobody_waits(tap_url: str) -> None:
    service = pyvo.dal.TAPService(tap_url)
    job = service.submit_job(QUERY, maxrec=3)
    assert job.phase == "PENDING"
    job.execution_duration = 120
    job.query = QUERY.replace("hip,", "hip, vmag,")
    job.run().wait(phases=["COMPLETED", "ERROR"], timeout=60)
    assert (job.phase, job.execution_duration.to_value("sec")) == ("COMPLETED", 120)
    assert job.fetch_result().to_table().colnames == ["hip", "vmag", "ra", "dec"]
    assert service.get_job(job.job_id).jobid == job.job_id
    assert service.get_job_list() == []
    job.delete()
    wrong = service.submit_job("SELECT hipp FROM hipparcos").run().wait(timeout=60)
    with pytest.raises(pyvo.dal.DALQueryError, match="Line 1, column 8"):
        wrong.raise_if_error()
    assert len(service.run_async(QUERY)) == 5


def test_pyvo_runs_every_example(tap_url: str) -> None:
    examples = pyvo.dal.TAPService(tap_url).examples
    assert len(examples) == 7
    for example in examples:
        assert example.execute().status[0] in ("OK", "OVERFLOW")


def test_pyvo_sends_tables(tap_url: str) -> None:
    service = pyvo.dal.TAPService(tap_url)
    assert {each.ivo_id.rpartition("-")[2] for each in service.upload_methods} == {"inline", "http", "https"}
    mine = Table({"name": ["Alcyone", "Électra"], "where": [56.871, 56.219], "n": np.array([1, 2], "i2")})
    query = 'SELECT name, hip FROM TAP_UPLOAD.mine JOIN hipparcos ON ABS(ra - "where") < 0.001 AND vmag < 5 ORDER BY n'
    for ask in (service.run_sync, service.run_async):
        found = ask(query, uploads={"mine": mine}).to_table()
        assert list(found["name"]) == ["Alcyone", "Électra"] and {17702, 17499} <= set(found["hip"])


def test_pyvo_signs_in(guarded_url: tuple[str, bool]) -> None:
    url, _ = guarded_url
    session = pyvo.auth.AuthSession()
    session.credentials.set_password("tycho", TOKEN)
    service = pyvo.dal.TAPService(url, session=session)
    assert len(service.search(QUERY)) == 5


def test_pyvo_lists_the_jobs_of_who_signs_in(guarded_url: tuple[str, bool]) -> None:
    session = requests.Session()
    session.headers["authorization"] = f"Bearer {TOKEN}"
    service = pyvo.dal.TAPService(guarded_url[0], session=session)
    jobs = [service.submit_job(QUERY) for _ in range(3)]
    assert [job.job_id for job in jobs][-2:] == [job.jobid for job in service.get_job_list(last=2)]
    jobs[0].run().wait(timeout=60)
    assert jobs[0].job_id in [job.jobid for job in service.get_job_list(phases=["COMPLETED"])]
    assert jobs[0].owner == "tycho"
    for job in jobs:
        job.delete()
    assert service.get_job_list() == []


def test_pyvo_is_told_why_a_query_fails(tap_url: str) -> None:
    with pytest.raises(pyvo.dal.DALQueryError, match="Did you mean hip"):
        pyvo.dal.TAPService(tap_url).search("SELECT hipp FROM hipparcos")


@pytest.mark.parametrize("scheme", ["Bearer", "token", "Basic"])
def test_user_is_named_and_challenges_follow_authvo(guarded_url: tuple[str, bool], scheme: str) -> None:
    url, anonymous = guarded_url
    query = {"LANG": "ADQL", "QUERY": QUERY, "FORMAT": "csv"}
    nobody = httpx.get(f"{url}/sync", params=query)
    assert nobody.status_code == (200 if anonymous else 401)
    challenges = nobody.headers.get_list("www-authenticate")
    assert any(challenge.startswith("Basic realm=") for challenge in challenges)
    header = httpx.BasicAuth("anyone", TOKEN) if scheme == "Basic" else None
    headers = {} if header else {"Authorization": f"{scheme} {TOKEN}"}
    known = httpx.get(f"{url}/sync", params=query, auth=header, headers=headers)
    assert known.status_code == 200
    assert known.headers["x-vo-authenticated"] == "tycho"
    wrong = httpx.get(f"{url}/sync", params=query, headers={"Authorization": "Bearer wrong"})
    assert wrong.status_code == 401
    assert b'value="ERROR"' in wrong.content


def test_capabilities_say_how_to_sign_in(guarded_url: tuple[str, bool]) -> None:
    url, anonymous = guarded_url
    document = httpx.get(f"{url}/capabilities").text
    assert "ivo://ivoa.net/sso#BasicAA" in document
    assert ("<securityMethod />" in document) is anonymous
