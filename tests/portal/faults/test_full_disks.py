"""A disk that is full is said in a sentence that names it; what is kept stays whole, and the portal goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest
from served import Served, serving

from uraniborg_portal.catalogs.check import findings
from uraniborg_portal.catalogs.registry import CatalogRegistry

PAIRS = "SELECT a.hip, a.ra, b.dec FROM hipparcos AS a CROSS JOIN (SELECT TOP 20 dec FROM hipparcos) AS b"
ROTATED = PAIRS.replace("a.ra,", "SIN(a.ra * b.dec) AS s,")
SORTED = " ".join([PAIRS, "ORDER BY b.dec, a.ra"])
COUNT = {"QUERY": "SELECT COUNT(*) AS n FROM hipparcos", "FORMAT": "csv"}
COUNTED = '"n"\n117955\n'
LIMITS = {"QUERIES__MEMORY": "60MB", "QUERIES__MAXIMUM_ROWS": "3000000"}
MANY = {"MAXREC": "3000000"}


@dataclass(frozen=True)
class Disk:
    """A file system of a few megabytes."""

    folder: Path

    def fill(self, left: int = 0) -> None:
        """Let it have so many bytes left."""
        with (self.folder / "filling").open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(65536))
            except OSError:
                file.truncate(max(0, file.tell() - left))

    def free(self) -> None:
        """Give the room back."""
        (self.folder / "filling").unlink(missing_ok=True)


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[Disk]:
    """Mount a disk of so many megabytes."""
    folder.mkdir(parents=True)
    options = f"size={megabytes}m,mode=0777"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here, which takes root: {done.stderr}")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def words_of(answer: httpx.Response) -> str:
    """The words of an error in a VOTable."""
    root = ET.fromstring(answer.content)
    return next(each.text or "" for each in root.iter() if each.get("name") == "QUERY_STATUS")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Disk, Disk]]:
    """A portal whose spill folder is on one small disk, and whose results are on another."""
    folder = tmp_path_factory.mktemp("site")
    with ExitStack() as held:
        staging = held.enter_context(mounted(folder / "staging", 12))
        files = held.enter_context(mounted(folder / "files", 4))
        environment = {f"URANIBORG_{name}": value for name, value in LIMITS.items()}
        environment |= {"URANIBORG_STAGING": str(staging.folder), "URANIBORG_FILES": str(files.folder)}
        yield held.enter_context(serving(folder / "home", environment)), staging, files


@pytest.fixture
def goes_on(site: tuple[Served, Disk, Disk]) -> Iterator[None]:
    """Asserts that the portal answers after, without a restart, and that its log has no traceback."""
    served, *disks = site
    before = len(served.log)
    yield
    for disk in disks:
        disk.free()
    with served.client() as client:
        assert client.get("tap/sync", params=COUNT).text == COUNTED
    assert "Traceback" not in served.log[before:], served.log[before:]


@pytest.mark.usefixtures("goes_on")
@pytest.mark.parametrize("format", ["votable", "csv"])
def test_a_sort_that_the_disk_does_not_hold(site: tuple[Served, Disk, Disk], format: str) -> None:
    served, staging, _ = site
    with served.client() as client:
        answer = client.get("tap/sync", params={"QUERY": SORTED, "FORMAT": format, **MANY})
        assert answer.status_code == 503
        assert words_of(answer).startswith("The disk on which queries put what memory can't hold is full.")
    while any(path.stat().st_size > 1_000_000 for path in staging.folder.rglob("*") if path.is_file()):
        time.sleep(0.05)


@pytest.mark.usefixtures("goes_on")
@pytest.mark.parametrize("format", ["fits", "votable/b"])
def test_rows_that_can_not_wait(site: tuple[Served, Disk, Disk], format: str) -> None:
    served, *_ = site
    with served.client() as client:
        answer = client.get("tap/sync", params={"QUERY": PAIRS, "FORMAT": format, **MANY})
    assert answer.status_code == 503
    assert words_of(answer).startswith("The rows can't wait on the disk: No space left on device.")


def test_a_portal_starts_though_no_worker_can(tmp_path: Path) -> None:
    with ExitStack() as held:
        staging = held.enter_context(mounted(tmp_path / "staging", 2))
        staging.fill()
        served = held.enter_context(serving(tmp_path / "home", {"URANIBORG_STAGING": str(staging.folder)}))
        client = held.enter_context(served.client())
        refused = client.get("tap/sync", params=COUNT)
        assert refused.status_code == 503
        assert words_of(refused).startswith(f"{staging.folder}/spill can't be written: No space left on device.")
        staging.free()
        assert client.get("tap/sync", params=COUNT).text == COUNTED
        assert "Traceback" not in served.log


def ended(client: httpx.Client, **given: str) -> tuple[str, str]:
    """The path of an asynchronous query that has ended, and its phase."""
    made = client.post("tap/async", data={"PHASE": "RUN", "LANG": "ADQL", **given})
    assert made.status_code == 303, made.text
    path = f"tap/async/{made.headers['location'].rpartition('/')[2]}"
    while (phase := client.get(f"{path}/phase").text) in ("QUEUED", "EXECUTING"):
        client.get(path, params={"WAIT": "10", "PHASE": phase})
    return path, phase


@pytest.mark.usefixtures("goes_on")
@pytest.mark.parametrize("format", ["csv", "votable", "parquet"])
def test_a_result_of_a_job_that_the_disk_does_not_hold(site: tuple[Served, Disk, Disk], format: str) -> None:
    served, _, files = site
    with served.client() as client:
        before, phase = ended(client, QUERY=COUNT["QUERY"], FORMAT="csv")
        assert phase == "COMPLETED"
        path, phase = ended(client, QUERY=ROTATED, FORMAT=format, **MANY)
        assert phase == "ERROR"
        assert words_of(client.get(f"{path}/error")).startswith("The result can't be kept: No space left on device.")
        assert client.get(f"{path}/results/result").status_code == 404
        assert client.get(f"{before}/results/result").text == COUNTED
        assert not list((files.folder / "tap").glob(".incoming-*"))
        for each in (before, path):
            client.delete(each)


@pytest.mark.usefixtures("goes_on")
def test_a_result_of_a_page_that_the_disk_does_not_hold(site: tuple[Served, Disk, Disk]) -> None:
    served, _, files = site
    with served.client() as client:
        answer = client.post("api/queries", json={"adql": ROTATED, "rows": 3_000_000})
        assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
        assert answer.json()["message"] == "The files can't be kept: No space left on device."
    assert not [path for path in (files.folder / "results").glob("*") if path.name.startswith(".")]


@pytest.mark.usefixtures("goes_on")
def test_a_table_of_a_job_that_the_disk_does_not_hold(site: tuple[Served, Disk, Disk]) -> None:
    served, _, files = site
    files.fill()
    with served.client() as client:
        given = {"QUERY": "SELECT * FROM TAP_UPLOAD.t", "UPLOAD": "t,param:f", "LANG": "ADQL", "PHASE": "RUN"}
        answer = client.post("tap/async", data=given, files={"f": b"ra,dec\n1,2\n" * 1000})
    assert answer.status_code == 503
    assert "can't be kept: No space left on device" in words_of(answer)


def test_a_portal_whose_own_disk_is_full(tmp_path: Path) -> None:
    environment = {"URANIBORG_STAGING": str(tmp_path / "staging")}
    with ExitStack() as held:
        disk = held.enter_context(mounted(tmp_path / "home", 60))
        served = held.enter_context(serving(disk.folder, environment))
        client = held.enter_context(served.client())
        disk.fill()
        assert client.get("tap/sync", params=COUNT).text == COUNTED
        refused = client.post("tap/async", data={"LANG": "ADQL", "PHASE": "RUN", **COUNT})
        assert refused.status_code == 503
        assert "disk of the portal's database is full" in words_of(refused)
        disk.free()
        path, phase = ended(client, **COUNT)
        assert (phase, client.get(f"{path}/results/result").text) == ("COMPLETED", COUNTED)


ROWS = 10_000
Add = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def add(tmp_path: Path) -> Add:
    """`uraniborg catalog add sky`, as people run it."""

    def run(home: Path, *words: object) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "uraniborg.cli", "catalog", "add", "sky", *map(str, words)]
        environment = {**os.environ, "URANIBORG_HOME": str(home), "URANIBORG_NETWORK": "0", "COLUMNS": "400"}
        return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=110)

    return run


@pytest.mark.parametrize("parts", [1, 3])
def test_an_ingest_that_the_disk_does_not_hold(tmp_path: Path, add: Add, parts: int) -> None:
    files = []
    for part in range(parts):
        rows = (f"{part * 100_000 + row},{row * 0.0035:.7f},{(row * 7919) % 170 - 85:.7f}" for row in range(ROWS))
        files.append(tmp_path / f"{part}.csv")
        files[-1].write_text("\n".join(["id,ra,dec", *rows]) + "\n")
    (tmp_path / "few.csv").write_text("id,ra,dec\n1,2,3\n")
    with mounted(tmp_path / "home", 30) as disk:
        catalogs = disk.folder / "portal" / "catalogs"
        assert add(disk.folder, tmp_path / "few.csv").returncode == 0
        disk.fill(left=200_000)
        done = add(disk.folder, *files, "--replace")
        said = done.stdout + done.stderr
        assert done.returncode == 1, said
        assert f"The disk of {catalogs} is full" in said
        assert "Traceback" not in said
        registry = CatalogRegistry(catalogs)
        assert registry.get("sky").version == "1"
        assert list(findings(registry, "sky")) == []
        disk.free()
        kept = "--resume" in said
        assert kept == (parts > 1)
        again = add(disk.folder, "--resume") if kept else add(disk.folder, *files, "--replace")
        assert again.returncode == 0, again.stdout + again.stderr
        assert registry.get("sky").rows == parts * ROWS
        assert list(findings(registry, "sky")) == []
        assert not list(catalogs.glob(".incoming*"))
