"""The processes of the cluster: started in the background, found again by name, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recipe.errors import RecipeError
from recipe.folders import Folders

END_SECONDS = 5
LOOK_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Process:
    """One process: what it is called, what it runs, and in whose network."""

    name: str
    """Of its log and of the file with its id."""
    argv: tuple[str, ...]
    network: str = ""
    """A network namespace; empty for the host's."""

    @property
    def command(self) -> tuple[str, ...]:
        """The whole command line."""
        enter = ("nsenter", f"--net=/run/netns/{self.network}") if self.network else ()
        return (*enter, *self.argv)


def start(folders: Folders, process: Process) -> None:
    """Start a process unless it runs; it outlives who starts it."""
    folders.logs.mkdir(parents=True, exist_ok=True)
    folders.run.mkdir(parents=True, exist_ok=True)
    if alive(folders, process.name):
        return
    with (folders.logs / f"{process.name}.log").open("ab") as log:
        # A session of its own: a Ctrl-C that ends the tests leaves the cluster to `down`.
        started = subprocess.Popen(
            process.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/"
        )
    _id_file(folders, process.name).write_text(str(started.pid))


def _id_file(folders: Folders, name: str) -> Path:
    return folders.run / f"{name}.pid"


def alive(folders: Folders, name: str) -> int:
    """Give the id of a process that runs, 0 of one that does not."""
    try:
        pid = int(_id_file(folders, name).read_text())
        status = Path(f"/proc/{pid}/status").read_text()
    except (OSError, ValueError):
        return 0
    return 0 if "zombie" in status else pid


def names(folders: Folders) -> list[str]:
    """Give the names of all processes that were started; those of nodes come first, as they must end first."""
    found = [file.stem for file in folders.run.glob("*.pid")]
    return sorted(found, key=lambda name: (not name.startswith("node"), name))


def stop(folders: Folders, name: str, number: signal.Signals = signal.SIGTERM) -> None:
    """End a process, by force after some seconds."""
    if pid := alive(folders, name):
        end(pid, number)
        try:
            wait(name, lambda: not alive(folders, name), folders, END_SECONDS)
        except RecipeError:
            end(pid, signal.SIGKILL)
    _id_file(folders, name).unlink(missing_ok=True)


def end(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may have ended just now."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def wait(what: str, ready: Callable[[], bool], folders: Folders, seconds: float = 90) -> None:
    """Return when something is ready.

    Raises
    ------
    RecipeError
        It was not in time; says where the logs are.
    """
    limit = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > limit:
            raise RecipeError.for_wait(what, seconds, folders.logs)
        time.sleep(LOOK_SECONDS)
