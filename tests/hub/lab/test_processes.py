"""The processes of labs are found by their environment, and end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from uraniborg_hub.lab.processes import end, lab_pids

SLEEP = "import signal, sys, time; {}; print('up', flush=True); time.sleep(60)"
STUBBORN = SLEEP.format("signal.signal(signal.SIGTERM, signal.SIG_IGN)")


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts a process with these variables; returns when it runs."""
    running: list[subprocess.Popen[bytes]] = []

    def launch(code: str = SLEEP.format("0"), **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, start_new_session=True
        )
        running.append(process)
        assert process.stdout is not None and process.stdout.readline() == b"up\n"
        return process

    yield launch
    for process in running:
        process.kill()
        process.communicate()


def variables(home: Path, user: str, server: str = "") -> dict[str, str]:
    return {"URANIBORG_PLATFORM": str(home), "JUPYTERHUB_USER": user, "JUPYTERHUB_SERVER_NAME": server}


def test_labs_are_found_by_platform_user_and_server(
    tmp_path: Path, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    tycho = start(**variables(tmp_path, "tycho")).pid
    second = start(**variables(tmp_path, "tycho", "second")).pid
    kepler = start(**variables(tmp_path, "kepler")).pid
    start(**variables(tmp_path / "other", "tycho"))
    start(URANIBORG_PLATFORM=str(tmp_path))
    assert lab_pids(tmp_path) == {tycho, second, kepler}
    assert lab_pids(tmp_path, "tycho") == {tycho, second}
    assert lab_pids(tmp_path, "tycho", "") == {tycho}


def test_end_ends_one_lab_even_a_stubborn_one(tmp_path: Path, start: Callable[..., subprocess.Popen[bytes]]) -> None:
    ours = [start(**variables(tmp_path, "tycho")), start(STUBBORN, **variables(tmp_path, "tycho"))]
    other = start(**variables(tmp_path, "kepler"))
    end(tmp_path, "tycho", "", seconds=0.5)
    assert lab_pids(tmp_path) == {other.pid}
    assert all(process.poll() is not None for process in ours)
    end(tmp_path, "tycho", "", seconds=0.5)


def test_the_caller_is_never_among_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables(tmp_path, "tycho").items():
        monkeypatch.setenv(name, value)
    assert os.getpid() not in lab_pids(tmp_path)
