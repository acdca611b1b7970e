"""Children end with us, however deep, and however we end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from uraniborg_hub.laptop import processes

PARENT = """
import os, sys, time
from pathlib import Path
from uraniborg_hub.laptop import processes
processes.adopt_orphans()
# A child that starts a grandchild in its own session and ignores SIGTERM, as a stubborn lab would.
code = "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " \\
       "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True); " \\
       "print('ready', flush=True); time.sleep(600)"
log = Path(sys.argv[1])
child = processes.start([sys.executable, "-c", code], dict(os.environ, MARK=sys.argv[1]), log)
while "ready" not in log.read_text():
    time.sleep(0.02)
print("up", flush=True)
sys.stdin.readline()
processes.end_descendants(1.0)
print("ended", flush=True)
"""


def marked(value: str) -> list[psutil.Process]:
    """Processes that carry our mark."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("MARK") == value and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def start_parent(log: Path) -> subprocess.Popen[str]:
    """A process that starts a stubborn child with a grandchild."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(log)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "up\n"
    return parent


def test_descendants_end_even_when_they_ignore_us(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with start_parent(log) as parent:
        assert len(marked(str(log))) == 2
        out, _ = parent.communicate("\n", timeout=30)
        assert "ended" in out
    assert marked(str(log)) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux's")
def test_leftovers_of_a_killed_parent_are_found_by_their_mark(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with start_parent(log) as parent:
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait(10)
    assert processes.end_strangers("MARK", str(log)) >= 1
    assert marked(str(log)) == []
