"""Clients that go away before they have what they asked to be kept: nothing more is done for them."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from uraniborg_portal.main import create_app
from uraniborg_portal.settings import QueryLimits, Settings

NOTHING = b"<Sesame><Target><INFO>*** Nothing found ***</INFO></Target></Sesame>"
MANY = "SELECT a.hip, a.ra, b.dec FROM hipparcos AS a CROSS JOIN hipparcos AS b"
NAMES = [f"Nobody {number}" for number in range(40)]
BINARY = "application/octet-stream"
Serve = Callable[[FastAPI | Starlette], AbstractContextManager[str]]


@dataclass
class NameService:
    """A name resolver that answers nobody until it is let."""

    asked: list[str] = field(default_factory=list)
    busy: threading.Event = field(default_factory=threading.Event)
    open: threading.Event = field(default_factory=threading.Event)

    def answer(self, request: Request) -> Response:
        """Answer one name: there is none such."""
        self.asked.append(request.url.query)
        self.busy.set()
        assert self.open.wait(60)
        return Response(NOTHING)


@pytest.fixture(scope="module")
def names() -> NameService:
    return NameService()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gone")


@pytest.fixture(scope="module")
def api(serve: Serve, names: NameService, home: Path) -> Iterator[str]:
    """A portal in which one client's query at a time is answered."""
    limits = QueryLimits(maximum_rows=10**12, result_megabytes=10**6, seconds=600, workers=1)
    with serve(Starlette(routes=[Route("/sesame/{rest:path}", names.answer)])) as sesame:
        settings = Settings(
            home=home, sesame_url=f"{sesame}/sesame", sesame_seconds=60, queries=limits,
        )  # fmt: skip
        with serve(create_app(settings)) as url:
            yield f"{url}/services/portal/"


def leave(url: str, kind: str, body: bytes, until: threading.Event | None = None) -> None:
    """Ask, and go away before there is an answer; the portal has noticed when this returns."""
    parts = urlsplit(url)
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
    with socket.create_connection((parts.hostname, parts.port), timeout=60) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode() + body)
        assert until is None or until.wait(60)
    for _ in range(3):
        httpx.get(f"{url.partition('api/')[0]}api/health", timeout=60).raise_for_status()


def kept(home: Path) -> set[Path]:
    """The results that are kept."""
    return set((home / "portal" / "results").glob("[0-9a-f]*"))


def test_no_further_name_is_looked_up(api: str, names: NameService) -> None:
    body = json.dumps({"text": "\n".join(NAMES)}).encode()
    leave(f"{api}api/targets", "application/json", body, names.busy)
    begun = len(names.asked)
    names.open.set()
    for thread in threading.enumerate():
        if thread.name.startswith("targets"):
            thread.join(60)
    assert len(names.asked) == begun < len(NAMES)


@pytest.fixture(scope="module")
def job(api: str) -> str:
    """An asynchronous query whose result is a text, which has to be read."""
    given = {"QUERY": "SELECT TOP 5 hip, ra FROM hipparcos", "FORMAT": "csv", "PHASE": "RUN"}
    path = httpx.post(f"{api}tap/async", data=given, timeout=60).headers["location"]
    while (phase := httpx.get(f"{path}/phase", timeout=60).text) in ("QUEUED", "EXECUTING"):
        httpx.get(path, params={"WAIT": "10", "PHASE": phase}, timeout=60)
    assert phase == "COMPLETED"
    return path.rpartition("/")[2]


@pytest.mark.parametrize("what", ["api/tables", "api/async/JOB/open"])
def test_nothing_is_kept(api: str, home: Path, job: str, what: str) -> None:
    url, body = api + what.replace("JOB", job), b"" if "async" in what else b"ra,dec\n1,2\n"
    before = kept(home)
    # Who reads slowly has the only place: the others wait for it.
    asked = {"QUERY": MANY, "MAXREC": "9" * 10, "FORMAT": "csv"}
    with httpx.stream("GET", f"{api}tap/sync", params=asked, timeout=60):
        leave(url, BINARY, body)
    # Who waits has the place after one of these, had it not been given up.
    for _ in range(5):
        httpx.get(f"{api}tap/sync", params={"QUERY": "SELECT TOP 1 hip FROM hipparcos"}, timeout=60).raise_for_status()
    assert kept(home) == before
    httpx.post(url, content=body, headers={"Content-Type": BINARY}, timeout=60).raise_for_status()
    assert len(kept(home)) == len(before) + 1
