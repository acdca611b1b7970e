"""The whole platform, `uraniborg up` over kept catalogs, asked through its proxy by a signed-in user."""

from __future__ import annotations

import http.client
import io
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode, urlsplit

import psutil
from astropy.io.votable import parse_single_table

from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.plan import Plan

PORTAL = "services/portal/"
PARTS = (
    ("configurable-http-proxy", "proxy"), ("engine.worker", "worker"), ("uraniborg_portal", "portal"),
    ("uraniborg_hub.hub", "hub"),
)  # fmt: skip
"""What a process's command line holds, and what part of the platform it is; the first that fits."""


class Running(Protocol):
    """A platform as the fixtures of tests/conftest.py give it."""

    url: str
    home: Path
    process: subprocess.Popen[str]

    def token(self) -> str: ...


Platforms = Callable[..., AbstractContextManager[Running]]
"""Starts a platform on a state folder with settings (environment variables); it ends with the block."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A running platform, and a token of its owner."""

    url: str
    home: Path
    token: str
    processes: Mapping[int, str]
    """Parts of the platform by process id, without its query workers, which come and go."""

    @property
    def behind(self) -> str:
        """Where the portal itself listens, behind the proxy; ends with a slash."""
        portal = next(pid for pid, part in self.processes.items() if part == "portal")
        return f"http://{urlsplit(psutil.Process(portal).environ()['JUPYTERHUB_SERVICE_URL']).netloc}/"

    def client(self, url: str = "", *, signed_in: bool = True) -> Client:
        """A client that keeps its connection; to the proxy, where no other address is named."""
        headers = {"Accept-Encoding": "identity"}
        return Client(url or self.url, headers | ({"Authorization": f"Bearer {self.token}"} if signed_in else {}))

    def cpu(self) -> dict[str, float]:
        """Processor seconds that each part has used so far."""
        used = dict.fromkeys(("proxy", "hub", "portal", "worker"), 0.0)
        for pid, part in self.processes.items():
            used[part] += seconds_of(psutil.Process(pid))
            if part == "portal":
                ended = psutil.Process(pid).cpu_times()
                used["worker"] += float(ended.children_user + ended.children_system)
                used["worker"] += sum(seconds_of(child) for child in psutil.Process(pid).children())
        return used


class Client:
    """One connection that is kept, of one address; http.client, which costs less than what it measures."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        parts = urlsplit(url)
        self.path = parts.path
        self.headers = dict(headers)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=600)

    def get(self, path: str, **parameters: str) -> bytes:
        """Give a body; anything but 200 is an error."""
        asked = f"{self.path}{path}" + (f"?{urlencode(parameters)}" if parameters else "")
        try:
            self.connection.request("GET", asked, headers=self.headers)
            answer = self.connection.getresponse()
        except http.client.RemoteDisconnected:
            # Kept for longer than the proxy keeps it, which is 5 s.
            self.connection.request("GET", asked, headers=self.headers)
            answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {body[:500]!r}")
        return body

    def query(self, adql: str, path: str = f"{PORTAL}tap/sync", **parameters: str) -> bytes:
        """Give the answer to a query."""
        return self.get(path, LANG="ADQL", REQUEST="doQuery", QUERY=adql, **parameters)


def seconds_of(process: psutil.Process) -> float:
    """Processor seconds of one process; 0 of one that has ended."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def rows_of(votable: bytes) -> int:
    """Rows of a VOTable of ours."""
    return len(parse_single_table(io.BytesIO(votable)).array)


@contextmanager
def stack(platforms: Platforms, home: Path, settings: Mapping[str, str] | None = None) -> Iterator[Stack]:
    """A platform over the catalogs of a state folder, until the end of the block."""
    with platforms(home, settings) as running:
        parts = {}
        for process in psutil.Process(running.process.pid).children(recursive=True):
            command = " ".join(process.cmdline())
            found = next((part for words, part in PARTS if words in command), None)
            if found and found != "worker":
                parts[process.pid] = found
        yield Stack(url=running.url, home=home, token=running.token(), processes=parts)


def timed(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def drained(engine: Engine, plan: Plan) -> None:
    """Take all rows of a plan."""
    with engine.answer(plan) as rows:
        for _ in rows:
            pass
