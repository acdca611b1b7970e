"""Starts the processes of a platform, waits until each answers, restarts one that dies, and ends them all."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import httpx

from uraniborg_hub.errors import PlatformError
from uraniborg_hub.laptop.plan import ProcessSpec
from uraniborg_hub.laptop.processes import adopt_orphans, end_descendants, start

START_SECONDS = 90.0
"""How long a process may take to answer for the first time."""
END_SECONDS = 8.0
"""How long processes may take to end by themselves."""
RESTARTS = 3
"""Restarts of one process within `RESTART_WINDOW` before we give up."""
RESTART_WINDOW = 60.0


class Stopped(BaseException):
    """A signal asked us to end; not an error."""


class Supervisor:
    """Keeps the processes of one platform; every process it started, labs and workers too, is gone after `end`."""

    def __init__(self, specs: Sequence[ProcessSpec], logs: Path) -> None:
        self.specs = tuple(specs)
        self.logs = logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.deaths: dict[str, list[float]] = {}

    def start(self, progress: Callable[[str], None]) -> None:
        """Start every process and return when each answers; `progress` gets the name of each that does.

        Raises
        ------
        PlatformError
            A process ended or did not answer in time; names its log.
        """
        adopt_orphans()
        for spec in self.specs:
            self._launch(spec)
        with ThreadPoolExecutor(len(self.specs)) as pool:
            waits = {pool.submit(self._wait_healthy, spec): spec.name for spec in self.specs}
            for done in as_completed(waits):
                done.result()
                progress(waits[done])

    def watch(self) -> None:
        """Restart what dies, until a signal comes.

        Raises
        ------
        PlatformError
            A process keeps dying.
        """
        while True:
            time.sleep(0.5)
            for spec in self.specs:
                if self.running[spec.name].poll() is not None:
                    self._restart(spec)

    def end(self) -> None:
        """End every process: first the hub, which stops its labs, then all that is left."""
        hub = self.running.get("hub")
        if hub is not None and hub.poll() is None:
            hub.terminate()
            try:
                hub.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                hub.kill()
        end_descendants(END_SECONDS)

    def log_of(self, name: str) -> Path:
        """Give the log file of a process."""
        return self.logs / f"{name}.log"

    def _launch(self, spec: ProcessSpec) -> None:
        self.running[spec.name] = start(spec.argv, spec.environment, self.log_of(spec.name))

    def _restart(self, spec: ProcessSpec) -> None:
        now = time.monotonic()
        recent = [death for death in self.deaths.get(spec.name, []) if now - death < RESTART_WINDOW]
        self.deaths[spec.name] = [*recent, now]
        if len(recent) >= RESTARTS:
            raise self._failure(spec, f"ended {RESTARTS + 1} times within a minute")
        self._launch(spec)

    def _wait_healthy(self, spec: ProcessSpec) -> None:
        deadline = time.monotonic() + START_SECONDS
        with httpx.Client(timeout=2, trust_env=False) as client:
            while time.monotonic() < deadline:
                code = self.running[spec.name].poll()
                if code is not None:
                    raise self._failure(spec, f"ended with code {code}")
                if _answers(client, spec.health):
                    return
                time.sleep(0.05)
        raise self._failure(spec, f"did not answer within {START_SECONDS:.0f} s")

    def _failure(self, spec: ProcessSpec, what: str) -> PlatformError:
        log = self.log_of(spec.name)
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        last = f" Its last line: {lines[-1].strip()[:200]}" if lines else ""
        return PlatformError(f"The {spec.name} {what}.{last}", f"Its log is {log}; `uraniborg doctor` checks the rest.")


def _answers(client: httpx.Client, url: str) -> bool:
    """Say whether something speaks HTTP there: any answer counts, the proxy's API says 403 without its token."""
    try:
        return client.get(url).status_code < 500
    except httpx.TransportError:
        return False


@contextmanager
def signals() -> Iterator[None]:
    """Turn SIGINT, SIGTERM and SIGHUP into `Stopped` once; a second one is ignored while we end."""

    def stop(number: int, frame: FrameType | None) -> None:
        for each in caught:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    caught = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {each: signal.signal(each, stop) for each in caught}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
