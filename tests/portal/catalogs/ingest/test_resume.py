"""An ingest that is killed at any moment leaves no half table, and ends with the shards of one that nobody killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from uraniborg_portal.catalogs import versions
from uraniborg_portal.catalogs.add import Steps, add
from uraniborg_portal.catalogs.append import append
from uraniborg_portal.catalogs.check import findings
from uraniborg_portal.catalogs.ingest import work
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Increment, Manner, Wishes
from uraniborg_portal.errors import Conflict

FILES = 12
PROGRAM = """
import sys
from pathlib import Path
from uraniborg_portal.catalogs.add import add
from uraniborg_portal.catalogs.append import append
from uraniborg_portal.catalogs.compact import compact
from uraniborg_portal.catalogs.wishes import Increment, Manner, Wishes

folder, verb, how, workers, *files = sys.argv[1:]
if __name__ == "__main__":
    print("begun", flush=True)
    most = 0 if verb == "append beside" else 1_000_000
    manner = Manner(resume=how == "resume", replace=True, workers=int(workers), most_anew=most)
    if verb == "compact":
        compact("sky", Path(folder))
    elif verb.startswith("append"):
        append(tuple(files), Increment(name="sky"), Path(folder), None, manner)
    else:
        add(tuple(files), Wishes(name="sky", rows_per_shard=150), Path(folder), None, manner)
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Files whose rows are everywhere, with some places twice, and bad rows."""
    folder, generator = tmp_path_factory.mktemp("files"), np.random.default_rng(5)
    found = []
    for number in range(FILES):
        ra, dec = generator.uniform(0, 360, 900), np.degrees(np.arcsin(generator.uniform(-1, 1, 900)))
        ra[:100], dec[:100] = 80.5, -69.5
        lines = [f"{number * 1000 + row},{ra[row]:.6f},{dec[row]:.6f},n{row}" for row in range(900)]
        lines[17] = "oops"
        found.append(folder / f"{number:02}.csv")
        found[-1].write_text("\n".join(["id,ra,dec,name", *lines]) + "\n")
    return [str(path) for path in found]


def start(tmp_path: Path, folder: Path, *words: str) -> subprocess.Popen[str]:
    """A process that adds or appends files (verb, how, workers, files), once it has begun."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    argv = [sys.executable, str(program), str(folder), *words]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a version, but those that may have dates."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".fits"
    }


def records(root: Path) -> int:
    """How many units and shards are finished."""
    # They go at the end, perhaps while this looks; `os.walk` finds nothing where nothing is.
    walks = (os.walk(root / part) for part in ("units", "shards"))
    return sum(name.endswith(".json") for walk in walks for _, _, names in walk for name in names)


def running(process: subprocess.Popen[str], root: Path, wanted: int) -> Iterator[None]:
    """Goes on until so many records are written, or the process ends."""
    while process.poll() is None and records(root) < wanted:
        yield


def killed_until_done(
    tmp_path: Path, folder: Path, verb: str, files: list[str], moments: random.Random, workers: int
) -> None:
    """Version 2 of the files, by processes that are killed at random moments; readers see version 1 until then."""
    ingest = work.of(folder, "sky")

    def again() -> subprocess.Popen[str]:
        resumed = ingest.plan.exists()
        return start(
            tmp_path, folder, verb, "resume" if resumed else "begin", str(workers), *([] if resumed else files)
        )

    kill_until_done(again, folder, ingest.root, moments)
    assert CatalogRegistry(folder).get("sky").version == "2"


def kill_until_done(
    again: Callable[[], subprocess.Popen[str]], folder: Path, root: Path, moments: random.Random
) -> None:
    """Start processes that work in `root`, and kill them at random moments; readers see the catalog as it was."""
    registry, kills = CatalogRegistry(folder), 0
    before = registry.get("sky")
    while True:
        process = again()
        for _ in running(process, root, records(root) + moments.randrange(4, 40)):
            time.sleep(0.001)
        if process.poll() is not None:
            break
        process.kill()
        process.communicate()
        kills += 1
        assert registry.get("sky") == before
        assert list(findings(registry, "sky")) == []
    assert process.returncode == 0, process.communicate()[1]
    process.communicate()
    assert kills >= 2
    assert list(findings(registry, "sky")) == []
    assert not root.exists()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("workers", [1, 2])
def test_killed_again_and_again(files: list[str], tmp_path: Path, workers: int) -> None:
    add(tuple(files), Wishes(name="sky", rows_per_shard=150), tmp_path / "quiet", None, Manner(workers=1))
    folder, moments = tmp_path / "killed", random.Random(workers)
    first = Path(files[0])
    add((first,), Wishes(name="sky"), folder)
    killed_until_done(tmp_path, folder, "add", files, moments, workers)
    quiet, killed = content(tmp_path / "quiet" / "sky" / "v1"), content(folder / "sky" / "v2")
    assert quiet.pop("catalog.json") != killed.pop("catalog.json")  # the version's number
    assert quiet == killed
    assert sum(name.endswith(".parquet") for name in quiet) > 20


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("verb", "most_anew"), [("append", 1_000_000), ("append beside", 0)])
def test_an_append_killed_again_and_again(files: list[str], tmp_path: Path, verb: str, most_anew: int) -> None:
    for folder in (tmp_path / "quiet", tmp_path / "killed"):
        add(tuple(files[:6]), Wishes(name="sky", rows_per_shard=150), folder)
    first = content(tmp_path / "killed" / "sky" / "v1")
    append(tuple(files[6:]), Increment(name="sky"), tmp_path / "quiet", None, Manner(most_anew=most_anew))
    killed_until_done(tmp_path, tmp_path / "killed", verb, files[6:], random.Random(7), 1)
    assert content(tmp_path / "quiet" / "sky" / "v2") == content(tmp_path / "killed" / "sky" / "v2")
    assert content(tmp_path / "killed" / "sky" / "v1") == first


@pytest.mark.timeout(600)
def test_a_compaction_killed_again_and_again(files: list[str], tmp_path: Path) -> None:
    wishes, folder = Wishes(name="sky", rows_per_shard=150), tmp_path / "sky"
    add(tuple(files[:8]), wishes, tmp_path / "whole")
    add(tuple(files[:4]), wishes, folder)
    append(tuple(files[4:8]), Increment(name="sky"), folder, None, Manner(most_anew=0))
    root = work.compaction_of(folder, "sky").root
    kill_until_done(lambda: start(tmp_path, folder, "compact", "begin", "1"), folder, root, random.Random(3))
    whole, made = content(tmp_path / "whole" / "sky" / "v1"), content(folder / "sky" / "v3")
    assert made.pop("compacted") == b"v2\n"
    assert whole.pop("catalog.json") != made.pop("catalog.json")  # the version's number
    assert whole == made


def test_the_second_of_two_is_told(files: list[str], tmp_path: Path) -> None:
    wishes = Wishes(name="sky")
    with work.held(tmp_path, "sky"), pytest.raises(Conflict, match="Another ingest of 'sky' is running"):
        add(tuple(files), wishes, tmp_path)
    assert add(tuple(files), wishes, tmp_path).rows == FILES * 899


def test_what_was_interrupted_is_resumed_or_forgotten(files: list[str], tmp_path: Path) -> None:
    wishes = Wishes(name="sky")

    class Interrupted(BaseException):
        pass

    def interrupt(stage: str, part: float) -> None:
        if part > 0.5:
            raise Interrupted

    with pytest.raises(Interrupted):
        add(tuple(files), wishes, tmp_path, Steps(progress=interrupt))
    assert versions.numbers(tmp_path, "sky") == ()
    with pytest.raises(Conflict, match="7 of 12 parts were read"):
        add(tuple(files), wishes, tmp_path)
    with pytest.raises(Conflict, match="of other files"):
        add((files[0],), wishes, tmp_path, None, Manner(resume=True))
    Path(files[-1]).touch()
    with pytest.raises(Conflict, match="changed since"):
        add((), wishes, tmp_path, None, Manner(resume=True))
    assert add(tuple(files[:2]), wishes, tmp_path, None, Manner(restart=True)).rows == 2 * 899
    with pytest.raises(Conflict, match="No ingest of 'sky' was interrupted"):
        add((), wishes, tmp_path, None, Manner(resume=True))
