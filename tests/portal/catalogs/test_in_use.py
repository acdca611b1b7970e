"""A file that one process uses is free for no other, until it gives it back or ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from uraniborg_portal.catalogs.in_use import InUse

OTHER = """
import sys
from pathlib import Path
from uraniborg_portal.catalogs.in_use import InUse
found = InUse(Path(sys.argv[1]))
for line in sys.stdin:
    verb, name = line.split()
    if verb == "free":
        with found.free(Path(name)) as free:
            print(free, flush=True)
    else:
        getattr(found, verb)(Path(name))
        print(verb, flush=True)
"""
ONE, TWO = Path("one"), Path("two")


class Other:
    """Another process that uses files of the same folder."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OTHER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def asked(self, verb: str, path: Path) -> str:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{verb} {path}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Other]:
    made = Other(tmp_path)
    yield made
    made.process.kill()
    made.process.communicate()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[InUse]:
    with closing(InUse(tmp_path)) as made:
        yield made


def free(in_use: InUse, path: Path) -> bool:
    with in_use.free(path) as found:
        return found


def test_who_uses_a_file_keeps_it(here: InUse, other: Other) -> None:
    here.take(ONE)
    here.take(ONE)
    assert (free(here, ONE), free(here, TWO)) == (False, True)
    assert (other.asked("free", ONE), other.asked("free", TWO)) == ("False", "True")
    here.give(ONE)
    assert other.asked("free", ONE) == "False"
    here.give(ONE)
    assert (free(here, ONE), other.asked("free", ONE)) == (True, "True")


def test_two_processes_may_use_a_file(here: InUse, other: Other) -> None:
    here.take(ONE)
    other.asked("take", ONE)
    here.give(ONE)
    assert not free(here, ONE)
    other.process.kill()
    other.process.wait()
    assert free(here, ONE)
