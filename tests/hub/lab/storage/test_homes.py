"""What an operator learns of all homes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from uraniborg_hub.lab.storage.homes import report


def test_every_home_is_listed_the_largest_first(tmp_path: Path) -> None:
    for name, kilobytes in (("kepler", 8), ("tycho", 400), ("ursus", 0)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(os.urandom(kilobytes * 1024))
    (tmp_path / "link").symlink_to(tmp_path / "tycho")
    argv = [sys.executable, "-P", "-m", "uraniborg_hub.lab.storage.homes", str(tmp_path)]
    lines = subprocess.check_output(argv, text=True).splitlines()
    assert lines[1] == "# TYPE uraniborg_home_bytes gauge"
    assert [line.split('"')[1] for line in lines[2:]] == ["tycho", "kepler", "ursus"]
    assert int(lines[2].split()[-1]) >= 400 * 1024


def test_names_are_escaped() -> None:
    assert report([('a"\\\n', 1)]).splitlines()[-1] == 'uraniborg_home_bytes{home="a\\"\\\\\\n"} 1'
