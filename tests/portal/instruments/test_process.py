"""Worker processes: no secrets in them, and none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from uraniborg_portal.instruments.process import environment
from uraniborg_portal.settings import Settings

PARENT = """
import asyncio
from uraniborg_portal.instruments.process import WorkerProcess
from uraniborg_portal.settings import Settings

async def main():
    worker = await WorkerProcess.start(Settings())
    await worker.answer(lambda kind, data: None)
    print(worker.process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_secrets_stay_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret")
    given = environment(Settings(home=tmp_path, network=False))
    assert "secret" not in given.values()
    assert given["URANIBORG_HOME"] == str(tmp_path)
    assert given["URANIBORG_NETWORK"] == "false"
    assert given["MPLCONFIGDIR"].startswith(str(tmp_path))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_ends_with_its_portal(number: signal.Signals, tmp_path: Path) -> None:
    variables = {**os.environ, "URANIBORG_HOME": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", PARENT], env=variables, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        worker = int(parent.stdout.readline())
        assert os.getpgid(worker) == worker != os.getpgid(parent.pid)
        parent.send_signal(number)
    end = time.monotonic() + 5
    while is_running(worker):
        assert time.monotonic() < end
        time.sleep(0.01)


def is_running(process: int) -> bool:
    """Whether a process is there and not merely waiting to be buried."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
