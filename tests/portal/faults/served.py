"""A portal as its users start it: `uraniborg serve`, a process that can be killed, with a log that is read."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

WORKER = "uraniborg_portal.engine.worker"


@dataclass
class Served:
    """One state folder, and the process that serves it now."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    url: str = ""
    """Ends with a slash; the port is another one after each start."""
    process: subprocess.Popen[str] | None = None

    @property
    def state(self) -> Path:
        """What the portal writes."""
        return self.home / "portal"

    @property
    def log(self) -> str:
        """What all its processes have said."""
        return (self.home / "log").read_text()

    def start(self) -> None:
        """Start the process, and wait until it answers."""
        argv = [sys.executable, "-m", "uraniborg.cli", "serve", "--port", "0"]
        environment = {**os.environ, "URANIBORG_HOME": str(self.home), "URANIBORG_NETWORK": "0", **self.environment}
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "log").open("a") as log:
            self.process = subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout is not None
        found = re.search(r"http://\S+", self.process.stdout.readline())
        assert found, self.log
        self.url = found[0]
        with self.client() as client:
            assert client.get("api/health").status_code == 200, self.log

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End the process, and wait until it has ended."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def client(self, **how: object) -> httpx.Client:
        """A client of the service; none of its answers may take a minute."""
        return httpx.Client(**{"base_url": self.url, "timeout": 60, "trust_env": False, **how})

    def workers(self, busy_for: float = 0.0) -> list[psutil.Process]:
        """The query workers of the process that have used so many seconds of the processor."""
        assert self.process is not None
        found = []
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):
                if WORKER in child.cmdline() and child.cpu_times().user >= busy_for:
                    found.append(child)
        return found

    def busy(self) -> list[psutil.Process]:
        """The query workers that have been at it for a while."""
        return self.workers(busy_for=1.0)


@contextmanager
def serving(home: Path, environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Serve a state folder until the block ends, however often the process is killed meanwhile."""
    served = Served(home=home, environment=dict(environment or {}))
    served.start()
    try:
        yield served
    finally:
        if served.process is not None and served.process.poll() is None:
            served.kill()
