"""Results that are much larger than what a portal holds of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from uraniborg_hub.laptop.ports import free_ports

pytestmark = pytest.mark.timeout(240)

MANY = "SELECT a.hip, a.ra, b.dec FROM hipparcos AS a CROSS JOIN hipparcos AS b"
ROWS = 8_000_000
"""160 MB in memory, if they were there together."""
MOST = 100_000_000
"""Bytes that a portal may grow by meanwhile."""
Running = tuple[str, int]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A portal in a process of its own: its URL, and its number."""
    (port,) = free_ports(1)
    home = tmp_path_factory.mktemp("home")
    given = {"HOME": str(home), "PORT": str(port), "NETWORK": "false", "QUERIES__MAXIMUM_ROWS": str(ROWS)}
    environment = os.environ | {f"URANIBORG_{name}": value for name, value in given.items()}
    command = [sys.executable, "-m", "uraniborg_portal"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}/services/portal"
            while not answers(f"{url}/api/health"):
                assert process.poll() is None
                time.sleep(0.05)
            # What a first answer imports is no result's.
            for form in ("votable", "fits", "parquet"):
                read(url, form, 200_000)
            yield url, process.pid
        finally:
            process.kill()


def answers(url: str) -> bool:
    """Whether somebody listens."""
    with suppress(httpx.TransportError):
        return httpx.get(url, timeout=60).status_code == 200
    return False


def read(url: str, form: str, rows: int) -> int:
    """Read an answer to its end, and throw it away; give its bytes."""
    params = {"QUERY": MANY, "MAXREC": str(rows), "FORMAT": form}
    headers = {"Accept-Encoding": "identity"}
    with httpx.stream("GET", f"{url}/tap/sync", params=params, headers=headers, timeout=300) as answer:
        assert answer.status_code == 200
        return sum(len(piece) for piece in answer.iter_raw())


def peak(process: int) -> int:
    """Give the most memory that a process ever had, bytes."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.parametrize("form", ["votable", "fits", "parquet"])
def test_a_portal_holds_some_batches_only(running: Running, form: str) -> None:
    url, process = running
    before = peak(process)
    size = read(url, form, ROWS)
    assert form == "parquet" or size > ROWS * 20
    assert peak(process) - before < MOST


def test_a_kept_result_is_written_as_it_comes(running: Running) -> None:
    url, process = running
    before = peak(process)
    made = httpx.post(f"{url}/api/queries", json={"adql": MANY, "rows": ROWS}, timeout=300)
    assert (made.status_code, made.json()["rows"], made.json()["overflow"]) == (201, ROWS, True)
    assert peak(process) - before < MOST


def test_an_asynchronous_result_is_written_as_it_comes(running: Running) -> None:
    url, process = running
    before = peak(process)
    form = {"QUERY": MANY, "MAXREC": str(ROWS), "PHASE": "RUN", "FORMAT": "votable"}
    job = httpx.post(f"{url}/tap/async", data=form, timeout=60).headers["location"]
    while (phase := httpx.get(f"{job}/phase", timeout=60).text) in ("QUEUED", "EXECUTING"):
        httpx.get(job, params={"WAIT": "30"}, timeout=60)
    assert phase == "COMPLETED"
    assert peak(process) - before < MOST
