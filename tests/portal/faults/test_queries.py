"""Whatever is sent as a query is answered, or refused in a VOTable; no file is touched, and nobody is called.

Queries are 500 mutations of the tables of ADQL; URANIBORG_FAULTS_QUERIES=10000 has more, URANIBORG_FAULTS_SEED=2
others, and --log-cli-level=WARNING shows what came of them.
"""

from __future__ import annotations

import collections
import hashlib
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from xml.etree import ElementTree as ET

import httpx
import numpy as np
import psutil
import pyarrow as pa
import pytest
from mutations import TABLES, Bait, Mutations, corpus
from served import Served, serving

from uraniborg_portal.catalogs.install import Entry, install
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.statistics import Note

LOG = logging.getLogger(__name__)
COUNT = int(os.environ.get("URANIBORG_FAULTS_QUERIES", "500"))
SEED = int(os.environ.get("URANIBORG_FAULTS_SEED", "1"))
CLIENTS = 4
TOGETHER = 250
"""Queries between two looks at what they touched."""
ROWS = 300
UNITS = {"ra": "deg", "dec": "deg", "pmra": "mas/yr", "pmdec": "mas/yr", "parallax": "mas", "mag": "mag"}
NOTES = {name: Note(unit=unit) for name, unit in UNITS.items()}
NAMESPACE = "{http://www.ivoa.net/xml/VOTable/v1.3}"
LIMITS = {"QUERIES__SECONDS": "5", "QUERIES__MAXIMUM_ROWS": "1000", "QUERIES__RESULT_MEGABYTES": "20",
          "QUERIES__MEMORY": "200MB", "QUERIES__SPILL_MEGABYTES": "50", "ASYNC_QUERIES__SECONDS": "5"}  # fmt: skip
REFUSALS = (400, 408, 413)
"""What the fault of a query is answered with: it is wrong, takes too long, or its result is too large."""


def tables() -> dict[str, pa.Table]:
    """The tables that the queries of `tests/portal/adql` name, with some rows."""
    random = np.random.default_rng(4)
    ra, dec = random.uniform(0, 360, ROWS), np.degrees(np.arcsin(random.uniform(-1, 1, ROWS)))
    names = [None if number % 7 == 0 else f"star {number}" for number in range(ROWS)]
    stars = {"id": pa.array(range(ROWS), pa.int32()), "ra": ra, "dec": dec}
    stars |= {"pmra": random.normal(0, 9, ROWS), "pmdec": random.normal(0, 9, ROWS)}
    stars |= {name: pa.array(random.normal(5, 9, ROWS), pa.float32()) for name in ("parallax", "mag")}
    stars |= {"count": pa.array(range(ROWS), pa.int16()), "name": names, "Odd Name": pa.array(range(ROWS), pa.int64())}
    galaxies = {"name": names, "ra": ra, "dec": dec, "mag": random.normal(15, 2, ROWS)}
    return {"stars": pa.table(stars), "galaxies": pa.table(galaxies)}


@dataclass
class Surroundings:
    """A portal, and all that it could touch or call."""

    served: Served
    folder: Path
    bait: Bait
    listening: socket.socket
    before: dict[str, str] = field(default_factory=dict)

    def files(self) -> dict[str, str]:
        """The content of every file that no query may touch, by its path."""
        allowed = ("log", "portal/portal.sqlite", "portal/spill/", "portal/tap/", "portal/results/")
        found = {}
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder / "home") if path.is_relative_to(self.folder / "home") else path
            if path.is_file() and not str(name).startswith(allowed):
                found[str(name)] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def check(self) -> None:
        """Assert that nothing was touched, and nobody called."""
        assert self.files() == self.before
        with pytest.raises(BlockingIOError):
            self.listening.accept()
        left = {path.name for path in (self.served.state / "spill").rglob("*") if path.is_file()}
        assert all(name == "order.json" or name.startswith("duckdb_temp") for name in left), left
        assert "Traceback" not in self.served.log, self.served.log[-5000:]


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    """A served portal whose home, temporary and working folders are its own, and somebody who listens."""
    folder = tmp_path_factory.mktemp("around")
    for name in ("home", "temporary", "user"):
        (folder / name).mkdir()
    (folder / "secret").write_text("a secret\n")
    for name, table in tables().items():
        position = Position(ra="ra", dec="dec", epoch=1991.25 if name == "stars" else None)
        entry = Entry(name=name, title=name.title(), position=position, notes=NOTES)
        install(table, entry, folder / "home/portal/catalogs")
    environment = {f"URANIBORG_{name}": value for name, value in LIMITS.items()}
    environment |= {"TMPDIR": str(folder / "temporary"), "HOME": str(folder / "user")}
    with socket.create_server(("127.0.0.1", 0)) as listening, serving(folder / "home", environment) as served:
        listening.setblocking(False)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        bait = Bait(secret=str(folder / "secret"), target=str(folder / "target"), url=url)
        made = Surroundings(served, folder, bait, listening)
        with served.client() as client:
            # What is made once, at the first query.
            assert client.get("tap/sync", params={"QUERY": "SELECT id FROM stars"}).status_code == 200
        made.before = made.files()
        yield made


def infos(root: ET.Element) -> list[tuple[str, str]]:
    """What a VOTable says of its query: values of QUERY_STATUS, and their words."""
    found = [info for info in root.iter(f"{NAMESPACE}INFO") if info.get("name") == "QUERY_STATUS"]
    return [(info.get("value", ""), info.text or "") for info in found]


def said(answer: httpx.Response) -> str:
    """Let pass a whole answer, and give its status; with its words, where it is an error."""
    assert answer.headers["content-type"].startswith("application/x-votable+xml"), answer.headers
    root = ET.fromstring(answer.content)
    assert root.tag == f"{NAMESPACE}VOTABLE"
    statuses = infos(root)
    if answer.status_code == 200 and statuses[-1][0] != "ERROR":
        assert [value for value, _ in statuses] in (["OK"], ["OK", "OVERFLOW"]), statuses
        columns = len(list(root.iter(f"{NAMESPACE}FIELD")))
        assert columns
        assert {len(row) for row in root.iter(f"{NAMESPACE}TR")} <= {columns}
        return statuses[-1][0]
    ((value, words),) = statuses[-1:]
    assert (value, bool(words.strip())) == ("ERROR", True)
    assert len(words) < 3000
    if answer.status_code != 200:
        assert answer.status_code in REFUSALS, (answer.status_code, words)
        assert root.find(f".//{NAMESPACE}TABLE") is None
    return f"{answer.status_code} {words}"


def synchronous(client: httpx.Client, query: str, random: Random) -> str:
    """Ask, and give what was said."""
    asked = {"QUERY": query, "LANG": "ADQL", "FORMAT": random.choice(("votable", "votable/td"))}
    if random.random() < 0.5 and len(query) < 5_000:
        return said(client.get("tap/sync", params=asked))
    return said(client.post("tap/sync", data=asked))


def asynchronous(client: httpx.Client, query: str) -> str:
    """Ask for a job, wait for its end, remove it, and give what was said."""
    asked = {"QUERY": query, "LANG": "ADQL", "FORMAT": "votable/td", "PHASE": "RUN"}
    made = client.post("tap/async", data=asked)
    if made.status_code != 303:
        return said(made)
    job = f"tap/async/{made.headers['location'].rpartition('/')[2]}"
    while (phase := client.get(f"{job}/phase").text) in ("QUEUED", "EXECUTING"):
        client.get(job, params={"WAIT": "10", "PHASE": phase})
    assert phase in ("COMPLETED", "ERROR")
    answer = client.get(f"{job}/results/result" if phase == "COMPLETED" else f"{job}/error")
    words = said(answer)
    assert (phase == "ERROR") == words.startswith("200 ")
    assert client.delete(job).status_code == 303
    return words.replace("200 ", "400 ", 1) if phase == "ERROR" else words


def asked_for_all(around: Surroundings, queries: list[str]) -> list[tuple[str, float]]:
    """What is said of each query, sent in any of three ways by several clients, and in how many seconds."""
    own = threading.local()

    def asked(numbered: tuple[int, str]) -> tuple[str, float]:
        number, query = numbered
        if not hasattr(own, "client"):
            own.client = around.served.client()
        random, began = Random(number), time.monotonic()
        try:
            with_job = random.random() < 0.2
            words = asynchronous(own.client, query) if with_job else synchronous(own.client, query, random)
        except (AssertionError, httpx.HTTPError, ET.ParseError) as error:
            raise AssertionError(f"query {number}: {query[:2000]!r}") from error
        return words, time.monotonic() - began

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(asked, enumerate(queries)))


def test_every_valid_query_is_answered(around: Surroundings) -> None:
    queries = [*corpus("valid"), *corpus("extensions")]
    found = asked_for_all(around, queries)
    assert [(query, words) for query, (words, _) in zip(queries, found, strict=True) if words.startswith("4")] == []
    around.check()


@pytest.mark.parametrize("name", ["invalid", "unknown"])
def test_every_invalid_query_is_refused(around: Surroundings, name: str) -> None:
    lines = [line for line in (TABLES / f"{name}.adql").read_text("utf-8").splitlines()[1:] if line[:2] != "##"]
    reasons = [line.split(" ## ")[1] for line in lines]
    for reason, (words, _) in zip(reasons, asked_for_all(around, corpus(name)), strict=True):
        assert words.startswith("400 ")
        assert reason in words
    around.check()


@pytest.mark.timeout(3600)
def test_what_nobody_would_write_is_answered_or_refused(around: Surroundings) -> None:
    mutations = Mutations(SEED, around.bait)
    counts, slowest = collections.Counter[str](), (0.0, "")
    for _ in range(0, COUNT, TOGETHER):
        queries = [next(mutations) for _ in range(TOGETHER)]
        with ThreadPoolExecutor(1) as pool:
            asking = pool.submit(asked_for_all, around, queries)
            while not asking.done():
                confined(around)
                time.sleep(0.2)
        around.check()
        counts.update(words.split()[0] for words, _ in asking.result())
        seconds = (seconds for _, seconds in asking.result())
        slowest = max(slowest, *zip(seconds, queries, strict=True))
        LOG.warning("%s queries: %s; the slowest took %.1f s: %.100r", counts.total(), dict(counts), *slowest)
    assert counts["OK"] > COUNT / 20 and counts["400"] > COUNT / 2


def confined(around: Surroundings) -> None:
    """Assert that each worker is where nothing can be written or reached, by what the kernel says of it."""
    for worker in around.served.workers():
        try:
            opened = [each for each in worker.open_files() if each.mode not in ("r", "")]
            connections = worker.net_connections()
            status = Path(f"/proc/{worker.pid}/status").read_text()
        except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            continue
        assert connections == []
        if "Seccomp:\t2" in status:
            spill = str(around.served.state / "spill")
            assert "NoNewPrivs:\t1" in status
            assert [each.path for each in opened if not each.path.startswith((spill, "/dev/null"))] == []
