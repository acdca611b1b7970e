"""Rows on their way to a client that reads them, that goes away, or that is told of an end too early."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import psutil
import pytest
from astropy.io.votable import parse
from fastapi import FastAPI

from uraniborg_portal.main import create_app
from uraniborg_portal.settings import QueryLimits, Settings

MANY = "SELECT a.hip, a.ra, b.dec FROM hipparcos AS a CROSS JOIN hipparcos AS b"
SLOW = "SELECT COUNT(*) AS n FROM hipparcos AS a CROSS JOIN hipparcos AS b WHERE a.ra + b.dec < SIN(a.dec * b.ra)"
INFO = "{http://www.ivoa.net/xml/VOTable/v1.3}INFO"
Serve = Callable[[FastAPI], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder whose workers are nobody else's."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def sync(serve: Serve, home: Path) -> Iterator[str]:
    """A portal that gives any number of rows."""
    limits = QueryLimits(maximum_rows=10**12, result_megabytes=10**6, seconds=600, workers=1)
    with serve(create_app(Settings(home=home, network=False, queries=limits))) as url:
        yield f"{url}/services/portal/tap/sync"


@pytest.fixture(scope="module")
def limited(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A portal whose results end in the middle."""
    limits = QueryLimits(maximum_rows=10**9, result_megabytes=10)
    settings = Settings(home=tmp_path_factory.mktemp("limited"), network=False, queries=limits)
    with serve(create_app(settings)) as url:
        yield f"{url}/services/portal/tap/sync"


def busy(home: Path) -> list[psutil.Process]:
    """Give the workers that have been at it for a while."""
    spill = str(home / "portal" / "spill")
    found = []
    for child in psutil.Process().children():
        with_cpu = child.is_running() and child.status() != psutil.STATUS_ZOMBIE and child.cwd().startswith(spill)
        if with_cpu and child.cpu_times().user > 0.5:
            found.append(child)
    return found


def status(content: bytes) -> tuple[str, str]:
    infos = [info for info in ET.fromstring(content).iter(INFO) if info.get("name") == "QUERY_STATUS"]
    return infos[-1].get("value", ""), infos[-1].text or ""


@pytest.mark.parametrize("format", ["votable", "csv", "arrow"])
def test_a_client_that_goes_away_ends_its_query(sync: str, home: Path, format: str) -> None:
    """A thousand million rows are nobody's memory: the first are there at once."""
    with httpx.stream("GET", sync, params={"QUERY": MANY, "MAXREC": "9" * 10, "FORMAT": format}, timeout=60) as answer:
        assert answer.status_code == 200
        assert "content-length" not in answer.headers
        taken = 0
        for piece in answer.iter_raw():
            taken += len(piece)
            if taken > 50_000_000:
                break
        workers = busy(home)
    assert psutil.wait_procs(workers, timeout=20)[1] == []
    # The only place among the interactive ones is free again.
    assert httpx.get(sync, params={"QUERY": "SELECT COUNT(*) AS n FROM hipparcos"}, timeout=60).status_code == 200


def test_a_client_that_goes_away_before_rows_ends_its_query(sync: str, home: Path) -> None:
    with httpx.Client(timeout=httpx.Timeout(60, read=2)) as client, pytest.raises(httpx.ReadTimeout):
        client.get(sync, params={"QUERY": SLOW})
    assert psutil.wait_procs(busy(home), timeout=20)[1] == []
    assert httpx.get(sync, params={"QUERY": "SELECT COUNT(*) AS n FROM hipparcos"}, timeout=60).status_code == 200


@pytest.mark.parametrize("format", ["votable", "votable/td"])
def test_a_votable_says_that_its_rows_ended_early(limited: str, format: str) -> None:
    answer = httpx.get(limited, params={"QUERY": MANY, "MAXREC": "10000000", "FORMAT": format}, timeout=60)
    assert answer.status_code == 200
    value, words = status(answer.content)
    assert value == "ERROR"
    assert words.startswith("The result is larger than 10 MB")
    assert len(parse(io.BytesIO(answer.content)).get_first_table().array) > 50_000


@pytest.mark.parametrize("format", ["csv", "tsv", "json", "html", "arrow", "parquet"])
def test_others_are_cut_where_their_rows_end_early(limited: str, format: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(limited, params={"QUERY": MANY, "MAXREC": "10000000", "FORMAT": format}, timeout=60)


@pytest.mark.parametrize("format", ["fits", "votable/b"])
def test_those_that_wait_for_all_rows_refuse(limited: str, format: str) -> None:
    answer = httpx.get(limited, params={"QUERY": MANY, "MAXREC": "10000000", "FORMAT": format}, timeout=60)
    assert answer.status_code == 413
    assert status(answer.content)[0] == "ERROR"


def test_overflow_is_said_at_the_end(sync: str) -> None:
    query = {"QUERY": "SELECT hip FROM hipparcos", "MAXREC": "90000"}
    answer = httpx.get(sync, params=query, timeout=60)
    assert status(answer.content)[0] == "OVERFLOW"
    assert b"nrows" not in answer.content
    assert len(parse(io.BytesIO(answer.content)).get_first_table().array) == 90_000
    page = httpx.get(sync, params={**query, "FORMAT": "html"}, timeout=60).text
    assert "90,000 rows. <strong>OVERFLOW" in page
    told = json.loads(httpx.get(sync, params={**query, "FORMAT": "json"}, timeout=60).text)
    assert (told["rows"], told["overflow"], len(told["data"])) == (90_000, True, 90_000)
    fewer = httpx.get(sync, params={**query, "MAXREC": "200000"}, timeout=60)
    assert status(fewer.content)[0] == "OK"
