"""The tether: nothing that it started is left, whatever happens to whom."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest

from uraniborg_hub.pools import tether

ESCAPING = "setsid sleep 300 & setsid sh -c 'sleep 300 & wait' & echo ready; wait"
PARENT = (
    "import os, subprocess, sys\n"
    "done = subprocess.run([sys.executable, '-I', '-S', sys.argv[1], str(os.getpid()), 'sh', '-c', sys.argv[2]])"
)


def below(pid: int, least: int) -> list[psutil.Process]:
    """Every process below, when there are so many."""
    while len(found := psutil.Process(pid).children(recursive=True)) < least:
        os.sched_yield()
    return found


def tethered(*command: str) -> subprocess.Popen[str]:
    argv = [sys.executable, "-I", "-S", str(tether.__file__), str(os.getpid()), *command]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("command", "code"), [(["true"], 0), (["sh", "-c", "exit 7"], 7), (["sh", "-c", "kill $$"], 143)]
)
def test_the_exit_code_is_the_command_s(command: list[str], code: int) -> None:
    assert tethered(*command).wait(20) == code


def test_a_signal_ends_every_process_below() -> None:
    process = tethered("sh", "-c", ESCAPING)
    found = below(process.pid, 4)
    process.terminate()
    assert process.wait(20) == 128 + signal.SIGTERM
    assert not psutil.wait_procs(found, timeout=5)[1]


def test_the_end_of_the_command_ends_what_it_left() -> None:
    process = tethered("sh", "-c", "setsid sleep 300 & echo ready")
    assert process.stdout and process.stdout.readline() == "ready\n"
    assert process.wait(20) == 0
    assert not [each for each in psutil.process_iter() if each.ppid() == process.pid]


def test_the_death_of_the_parent_ends_every_process_below() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tether.__file__), ESCAPING])
    found = below(parent.pid, 5)
    parent.kill()
    parent.wait(20)
    assert not psutil.wait_procs(found, timeout=10)[1]


def test_the_death_of_the_tether_ends_the_command() -> None:
    found = []
    for _ in range(20):  # each is killed at once, when its child may not have asked the kernel for anything yet
        process = tethered("sleep", "300")
        found += below(process.pid, 1)
        process.kill()
        process.wait(20)
    assert not psutil.wait_procs(found, timeout=10)[1]
