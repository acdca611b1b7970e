"""`uraniborg up`: it starts, says where, refuses in sentences, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import httpx
import psutil
import pytest


class Running(Protocol):
    """What the fixtures of tests/conftest.py give."""

    url: str
    home: Path
    environment: dict[str, str]
    process: subprocess.Popen[str]

    def command(self, *arguments: str) -> str: ...
    def sign_in(self) -> httpx.Client: ...
    def token(self) -> str: ...
    def stop(self, number: signal.Signals = ...) -> str: ...


Launch = Callable[[Path], Running]
pytestmark = [pytest.mark.platform, pytest.mark.timeout(300)]


def of_platform(home: Path) -> list[psutil.Process]:
    """Every process whose environment names this state folder."""
    return [process for process, _ in commands(home)]


def commands(home: Path) -> list[tuple[psutil.Process, str]]:
    """The same, each with its command line; a process that ends while we look is left out."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("URANIBORG_PLATFORM") == str(home) and process.status() != psutil.STATUS_ZOMBIE:
                found.append((process, " ".join(process.cmdline())))
        except (psutil.Error, OSError):
            continue
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_ends_every_process_with_a_lab_and_a_pool(tmp_path: Path, number: signal.Signals, launch: Launch) -> None:
    running = launch(tmp_path)
    try:
        client = running.sign_in()
        client.get("/hub/spawn").raise_for_status()
        token = running.token()
        wanted = {"workers": 1}
        pool = httpx.post(
            f"{running.url}services/pools/api/pools",
            json=wanted,
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        assert pool.status_code == 201, pool.text
        names = [command for _, command in commands(tmp_path)]
        assert any("singleuser" in name for name in names), names
    finally:
        running.stop(number)
    assert running.process.returncode == 0
    assert of_platform(tmp_path) == []
    assert not (tmp_path / "hub" / "run.json").exists()


def test_leftovers_of_a_killed_platform_end_at_the_next_start(tmp_path: Path, launch: Launch) -> None:
    first = launch(tmp_path)
    first.process.kill()
    first.process.wait(10)
    second = launch(tmp_path)
    try:
        pids = {process.pid for process in of_platform(tmp_path)}
        assert all(
            psutil.Process(pid).create_time() >= psutil.Process(second.process.pid).create_time() for pid in pids
        )
    finally:
        second.stop()
    assert of_platform(tmp_path) == []


def run_up(home: Path, port: str) -> subprocess.CompletedProcess[str]:
    """`uraniborg up` that is expected to refuse."""
    return subprocess.run(
        [sys.executable, "-m", "uraniborg.cli", "up", "--no-browser"],
        env={**os.environ, "URANIBORG_HOME": str(home), "URANIBORG_PORT": port},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_taken_port_names_its_holder(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        done = run_up(tmp_path, str(held.getsockname()[1]))
    assert done.returncode == 1
    assert f"pid {os.getpid()}" in done.stderr
    assert "URANIBORG_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_start_with_the_same_state_is_refused(platform: Running) -> None:
    done = run_up(platform.home, platform.environment["URANIBORG_PORT"])
    assert done.returncode == 1
    assert "runs already" in done.stderr


def test_everything_listens_on_loopback_alone(platform: Running) -> None:
    tree = psutil.Process(platform.process.pid).children(recursive=True)
    addresses = {c.laddr.ip for p in tree for c in p.net_connections("inet") if c.status == psutil.CONN_LISTEN}
    assert addresses <= {"127.0.0.1", "::1"}


def test_doctor_finds_nothing_wrong(platform: Running) -> None:
    assert '"state": "wrong"' not in platform.command("doctor", "--json")


def test_proxy_portal_and_pools_outlive_the_hub(launch: Launch, tmp_path: Path) -> None:
    platform = launch(tmp_path / "home")
    token = platform.token()
    headers = {"Authorization": f"Bearer {token}"}
    me = f"{platform.url}services/portal/api/me"
    assert httpx.get(me, headers=headers).json()["name"]
    hub = next(process for process, command in commands(platform.home) if "jupyterhub_config.py" in command)
    hub.kill()
    assert httpx.get(f"{platform.url}services/portal/api/catalogs").status_code == 200
    assert httpx.get(me, headers=headers).json()["name"]
