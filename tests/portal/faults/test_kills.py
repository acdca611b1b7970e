"""The service, its workers and an ingest are killed at random moments: no answer is wrong, no job lost, no table half.

There are 6 kills; URANIBORG_FAULTS_KILLS=50 has more, URANIBORG_FAULTS_SEED=2 other moments, and
--log-cli-level=WARNING shows what came of them.
"""

from __future__ import annotations

import collections
import logging
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx
import psutil
import pytest
from served import Served, serving

from uraniborg_portal.catalogs import versions
from uraniborg_portal.catalogs.check import findings
from uraniborg_portal.catalogs.ingest import work
from uraniborg_portal.catalogs.registry import CatalogRegistry

LOG = logging.getLogger(__name__)
KILLS = int(os.environ.get("URANIBORG_FAULTS_KILLS", "6"))
SEED = int(os.environ.get("URANIBORG_FAULTS_SEED", "1"))
FILES, ROWS = 4, 3_000
LIMITS = {"ASYNC_QUERIES__LEASE_SECONDS": "1", "ASYNC_QUERIES__PER_USER": "1000", "QUERIES__MAXIMUM_ROWS": "200000"}
ALL = "SELECT hip, ra, dec, vmag FROM hipparcos"
LONG = (
    "SELECT COUNT(*) AS n FROM hipparcos AS a CROSS JOIN (SELECT TOP 200 ra, dec FROM hipparcos ORDER BY hip) AS b "
    "WHERE SIN(a.ra * b.dec) > COS(a.dec + b.ra)"
)
BRIGHT = "SELECT TOP 20 hip, vmag FROM hipparcos ORDER BY vmag, hip"
SKY = "SELECT COUNT(*) AS n, MIN(id) AS a, MAX(id) AS z FROM sky WHERE ra >= 0"
QUERIES = (ALL, LONG, BRIGHT)
LOST = re.compile("The (?:portal's replica that ran|process that answered) this query was lost 3 times")
"""Why a query that was killed too often has failed."""
ADD = (sys.executable, "-m", "uraniborg.cli", "catalog", "add", "sky")


def rows_of(content: str) -> list[str]:
    """The lines of a CSV in an order of their own: rows without ORDER BY come as they please."""
    assert content.endswith("\n")
    return sorted(content.splitlines())


@dataclass
class Ingest:
    """Versions of the catalog `sky`, one after another, each of files of its own; readers see the last whole one."""

    folder: Path
    environment: dict[str, str]
    number: int = 1
    process: subprocess.Popen[str] | None = None
    kills: int = 0

    def files(self) -> list[str]:
        """The files of the version that is made: its rows are numbered from a million times its number."""
        found = []
        for part in range(FILES):
            path = self.folder / f"{self.number}-{part}.csv"
            first = self.number * 1_000_000 + part * ROWS
            lines = (f"{first + row},{row * 0.1:.4f},{row * 0.05 - 75:.4f}" for row in range(ROWS))
            path.write_text("\n".join(["id,ra,dec", *lines]) + "\n")
            found.append(str(path))
        return found

    def begin(self) -> None:
        """Go on with the version that was interrupted, or begin the next one."""
        resumed = work.of(self.folder / "home/portal/catalogs", "sky").plan.exists()
        how = ["--resume"] if resumed else [*self.files(), "--replace"]
        self.process = subprocess.Popen(
            (*ADD, *how), env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def go_on(self) -> None:
        """Begin again where it has ended; one that was not killed must have succeeded."""
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None:
            said, _ = self.process.communicate()
            assert self.process.returncode in (0, -9), said
            self.number += self.process.returncode == 0
        self.begin()

    def kill(self) -> None:
        """Kill it."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            self.kills += 1

    def finish(self) -> None:
        """Wait until the version that is made is whole."""
        self.go_on()
        assert self.process is not None
        said, _ = self.process.communicate(timeout=120)
        assert self.process.returncode == 0, said


@dataclass
class Asking(threading.Thread):
    """A client that asks synchronously all the time; what it gets is right, or is plainly none."""

    served: Served
    right: dict[str, list[str]]
    seed: int
    counts: collections.Counter[str] = field(default_factory=collections.Counter)
    wrong: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """Ask until it is over."""
        random = Random(self.seed)
        while not self.over.wait(0.1):
            query = random.choice((*QUERIES, SKY))
            try:
                with self.served.client() as client:
                    answer = client.get("tap/sync", params={"QUERY": query, "FORMAT": "csv", "MAXREC": "200000"})
            except httpx.HTTPError as error:
                self.counts[type(error).__name__] += 1
                continue
            self.counts[str(answer.status_code)] += 1
            if answer.status_code == 503:
                assert "ended before it had" in answer.text, answer.text
            elif answer.status_code != 200 or not self.is_right(query, answer.text):
                self.wrong.append(f"{query}: {answer.status_code} {answer.text[:500]}")

    def is_right(self, query: str, content: str) -> bool:
        """Tell whether an answer that says that it is whole has all rows, and of one version."""
        if query != SKY:
            return rows_of(content) == self.right[query]
        count, first, last = map(int, content.splitlines()[1].split(","))
        return (count, last - first) == (FILES * ROWS, FILES * ROWS - 1) and first % 1_000_000 == 0


@dataclass
class Jobs:
    """Asynchronous queries that were made, and are not seen to their end yet."""

    served: Served
    right: dict[str, list[str]]
    made: dict[str, str] = field(default_factory=dict)
    counts: collections.Counter[str] = field(default_factory=collections.Counter)

    def make(self, query: str) -> None:
        """Have a query run."""
        given = {"LANG": "ADQL", "QUERY": query, "PHASE": "RUN", "FORMAT": "csv", "MAXREC": "200000"}
        with self.served.client() as client:
            answer = client.post("tap/async", data=given)
            assert answer.status_code == 303, answer.text
        self.made[answer.headers["location"].rpartition("/")[2]] = query

    def settle(self) -> None:
        """Wait for the end of each: its rows are right, or it says why it was given up."""
        with self.served.client() as client:
            for job, query in self.made.items():
                path = f"tap/async/{job}"
                while (phase := client.get(f"{path}/phase").text) in ("QUEUED", "EXECUTING"):
                    client.get(path, params={"WAIT": "10", "PHASE": phase})
                self.counts[phase] += 1
                if phase == "COMPLETED":
                    assert rows_of(client.get(f"{path}/results/result").text) == self.right[query]
                else:
                    assert phase == "ERROR"
                    assert LOST.search(client.get(f"{path}/error").text)
        self.made.clear()


@dataclass
class Site:
    """A portal, an ingest, clients and jobs, of which any may be killed."""

    served: Served
    ingest: Ingest
    asking: Asking
    jobs: Jobs
    random: Random = field(default_factory=lambda: Random(SEED))
    killed: collections.Counter[str] = field(default_factory=collections.Counter)

    def kill(self, what: str) -> None:
        """Kill one process at a random moment."""
        time.sleep(self.random.uniform(0, 1.5))
        match what:
            case "service":
                self.served.kill()
                self.served.start()
            case "ingest":
                self.ingest.kill()
            case "worker":
                for worker in self.random.sample(workers := self.served.workers(), min(1, len(workers))):
                    worker.kill()
        self.killed[what] += 1

    def check(self) -> None:
        """Look at the catalog: it is whole, and of one version."""
        registry = CatalogRegistry(self.served.state / "catalogs")
        assert list(findings(registry, "sky")) == []
        assert int(registry.get("sky").version) in versions.numbers(self.served.state / "catalogs", "sky")
        assert self.asking.wrong == []


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    environment = {f"URANIBORG_{name}": value for name, value in LIMITS.items()}
    with serving(tmp_path / "home", environment) as served:
        ingest = Ingest(tmp_path, {**os.environ, "URANIBORG_HOME": str(served.home), "URANIBORG_NETWORK": "0"})
        ingest.begin()
        ingest.finish()
        with served.client() as client:
            asked: dict[str, Any] = {"FORMAT": "csv", "MAXREC": "200000"}
            answers = {query: client.get("tap/sync", params={"QUERY": query, **asked}).text for query in QUERIES}
        right = {query: rows_of(content) for query, content in answers.items()}
        assert [len(rows) for rows in right.values()] == [117_956, 2, 21]
        made = Site(served, ingest, Asking(served, right, SEED), Jobs(served, right))
        made.asking.start()
        yield made
        made.asking.over.set()
        ingest.kill()
        made.asking.join(60)


@pytest.mark.parametrize(("kills", "phase"), [(1, "COMPLETED"), (3, "ERROR")])
def test_a_job_whose_worker_is_killed_is_run_again(tmp_path: Path, kills: int, phase: str) -> None:
    with serving(tmp_path / "home") as served:
        jobs = Jobs(served, {LONG: []})
        jobs.make(LONG)
        killed: set[int] = set()
        while len(killed) < kills:
            for worker in served.busy():
                worker.kill()
                killed.add(worker.pid)
        with served.client() as client:
            path = f"tap/async/{next(iter(jobs.made))}"
            while (now := client.get(f"{path}/phase").text) in ("QUEUED", "EXECUTING"):
                client.get(path, params={"WAIT": "10", "PHASE": now})
            assert now == phase
            if phase == "ERROR":
                assert LOST.search(client.get(f"{path}/error").text)
            else:
                assert len(client.get(f"{path}/results/result").text.splitlines()) == 2


@pytest.mark.timeout(3600)
def test_nothing_is_wrong_lost_or_half(site: Site) -> None:
    what = [("service", "worker", "ingest")[number % 3] for number in range(KILLS)]
    for number, each in enumerate(what):
        site.ingest.go_on()
        for query in QUERIES:
            site.jobs.make(query)
        site.kill(each)
        site.check()
        if number % 5 == 4:
            site.jobs.settle()
    site.ingest.finish()
    site.jobs.settle()
    site.check()
    workers, spill = site.served.workers(), site.served.state / "spill"
    assert len(list(spill.glob("query-*"))) <= len(workers) + 4
    told = (dict(site.killed), dict(site.jobs.counts), dict(site.asking.counts), site.ingest.number)
    LOG.warning("kills %s; jobs %s; answers %s; versions %s", *told)
    assert site.jobs.counts["COMPLETED"] > KILLS
    assert psutil.pid_exists(site.served.process.pid if site.served.process else 0)
