"""A million rows of nine columns over HTTP, from a real portal to a client that only reads; and peers' writers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

import httpx
import psutil
import pytest
from astropy.io.votable import from_table
from astropy.table import Table
from figures import Figure, Report

from uraniborg_hub.laptop.ports import free_ports
from uraniborg_portal.catalogs.add import add
from uraniborg_portal.catalogs.wishes import Wishes

TYCHO = "tycho_v11.parquet"
QUERY = "SELECT tyc, hip, ra, dec, pmra, pmdec, parallax, vmag, bv FROM tycho"
ROUNDS = 7
FEWER = 20_000
"""Rows that astropy writes; its time grows with them."""
FORMATS = ("votable", "votable/b", "votable/td", "fits", "parquet", "arrow", "csv", "tsv", "json", "html")


@dataclass
class Portal:
    """A portal in a process of its own, and its workers."""

    process: psutil.Process
    port: int

    def all(self) -> list[psutil.Process]:
        """Give its processes."""
        return [self.process, *self.process.children(recursive=True)]

    def cpu(self) -> dict[str, float]:
        """Give the processor seconds of the portal and of its workers."""

        def used(process: psutil.Process) -> float:
            times = process.cpu_times()
            return float(times.user + times.system)

        return {"portal": used(self.process), "workers": sum(used(child) for child in self.process.children())}

    def megabytes(self) -> float:
        """Give the proportional set size of all, MB."""
        found = 0
        for process in self.all():
            with suppress(psutil.NoSuchProcess):
                found += process.memory_full_info().pss
        return found / 1e6

    def read(self, form: str, query: str = QUERY, maxrec: int = 1_000_000) -> int:
        """Ask, read the answer to its end, and throw it away; give its bytes."""
        path = f"/services/portal/tap/sync?FORMAT={quote(form)}&MAXREC={maxrec}&QUERY={quote(query)}"
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        buffer, size = bytearray(1 << 20), 0
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(request.encode())
            start = connection.recv(15)
            assert start.startswith(b"HTTP/1.1 200"), start
            while got := connection.recv_into(buffer):
                size += got
        return size


@pytest.fixture(scope="module")
def portal(files: Callable[..., Mapping[str, Path]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal over Tycho."""
    home = tmp_path_factory.mktemp("home")
    add((files(TYCHO)[TYCHO],), Wishes(name="tycho"), home / "portal" / "catalogs")
    (port,) = free_ports(1)
    environment = {**os.environ, "URANIBORG_HOME": str(home), "URANIBORG_PORT": str(port), "URANIBORG_NETWORK": "false"}
    command = [sys.executable, "-m", "uraniborg_portal"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}/services/portal/api/health"
            while not answers(url):
                assert process.poll() is None
            yield Portal(psutil.Process(process.pid), port)
        finally:
            process.terminate()


def answers(url: str) -> bool:
    """Whether somebody listens."""
    with suppress(httpx.TransportError):
        return httpx.get(url).status_code == 200
    return False


def median(values: list[float]) -> float:
    """Give the middle one."""
    return sorted(values)[len(values) // 2]


def watched(portal: Portal, work: Callable[[], object]) -> float:
    """Do something; give the most memory of portal and workers meanwhile, MB."""
    done, most = Event(), [portal.megabytes()]

    def watch() -> None:
        while not done.wait(0.05):
            most.append(portal.megabytes())

    watching = Thread(target=watch)
    watching.start()
    work()
    done.set()
    watching.join()
    return max(most)


def peers(rows: Table, folder: Path) -> dict[str, float]:
    """Give the rows a second of astropy's VOTable writer, and of STILTS where it is installed."""
    few = from_table(rows[:FEWER])
    began = time.perf_counter()
    few.to_xml(str(folder / "few.vot"), tabledata_format="binary2")
    found = {"astropy": FEWER / (time.perf_counter() - began)}
    stilts = shutil.which("stilts")
    if stilts:
        rows.write(folder / "all.fits")
        command = [
            stilts,
            "tpipe",
            f"in={folder / 'all.fits'}",
            "ofmt=votable-binary2-inline",
            f"out={folder / 'stilts.vot'}",
        ]
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        found["stilts"] = len(rows) / (time.perf_counter() - began)
    return found


def test_binary2_over_http(
    portal: Portal, report: Report, files: Callable[..., Mapping[str, Path]], tmp_path: Path
) -> None:
    """From the query to the last byte; the peers write rows that are in memory, or a FITS file's, to a file."""
    table = Table.read(files(TYCHO)[TYCHO])
    portal.read("votable")
    taken, before = [], portal.cpu()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        portal.read("votable")
        taken.append(time.perf_counter() - began)
    spent = {name: (now - before[name]) / ROUNDS for name, now in portal.cpu().items()}
    most = watched(portal, lambda: [portal.read("votable") for _ in range(3)])
    theirs = peers(table, tmp_path)
    for peer, speed in theirs.items():
        name = f"{peer}'s writer" + (f", of {FEWER:,} rows" if peer == "astropy" else ", from FITS with its start")
        ours = len(table) / median(taken) / 1e6
        asked = ">= 2 M/s on a quiet machine"
        report.add(
            Figure(
                name="results.binary2.million_rows_s", unit="M/s", ours=ours, peer=name, theirs=speed / 1e6, asked=asked
            )
        )
    report.note(
        f"{len(table):,} rows, 9 columns: {min(taken):.3f} s at best, {median(taken):.3f} s in the middle of {ROUNDS}; "
        f"processor seconds: portal {spent['portal']:.2f}, workers {spent['workers']:.2f}; portal and workers together "
        f"{most:.0f} MB (PSS) at most; asked: under 700 MB"
    )


@pytest.mark.parametrize("form", FORMATS)
def test_formats(portal: Portal, report: Report, form: str) -> None:
    """Each format, the same rows, once warm."""
    size, before = 0, portal.cpu()
    began = time.perf_counter()

    def work() -> None:
        nonlocal size
        size = portal.read(form)

    most = watched(portal, work)
    taken = time.perf_counter() - began
    spent = {name: now - before[name] for name, now in portal.cpu().items()}
    report.note(
        f"results.{form}: {taken:.2f} s, {size / 1e6:.0f} MB; processor seconds: portal {spent['portal']:.2f}, "
        f"workers {spent['workers']:.2f}; {most:.0f} MB (PSS)"
    )
