"""What a folder takes, as `du` counts it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from uraniborg_hub.lab.storage.usage import Usage, measure


def fill(path: Path, kilobytes: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.urandom(kilobytes * 1024))


def test_it_counts_as_du_does(tmp_path: Path) -> None:
    fill(tmp_path / "data" / "deep" / "a", 300)
    fill(tmp_path / ".cache" / "b", 100)
    fill(tmp_path / "c", 20)
    (tmp_path / "again").hardlink_to(tmp_path / "c")
    (tmp_path / "loop").symlink_to(tmp_path)
    usage = measure(tmp_path, 60, rest=0)
    du = int(subprocess.check_output(["du", "-s", "-B1", tmp_path], text=True).split()[0])
    assert usage.complete and usage.bytes == du - tmp_path.stat().st_blocks * 512
    assert [name for name, _ in usage.largest[:2]] == ["data", ".cache"]


def test_without_time_it_says_that_there_is_more(tmp_path: Path) -> None:
    for number in range(200):
        fill(tmp_path / f"folder{number}" / "file", 1)
    usage = measure(tmp_path, -1, rest=0.001)
    assert usage.bytes <= measure(tmp_path, 60, rest=0).bytes


def test_what_is_gone_or_closed_counts_as_nothing(tmp_path: Path) -> None:
    assert measure(tmp_path, 60) == Usage(bytes=0, complete=True, largest=())
