"""The processes of labs on this machine: found by their environment, which every kernel and terminal inherits."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil

from uraniborg_hub.names import PLATFORM


def lab_pids(home: Path, user: str | None = None, server: str | None = None) -> frozenset[int]:
    """Give the pids of all processes of labs with this state folder, or only of one user's, or of one server's.

    Servers, kernels, terminals and what these started, whoever is their parent now; never the caller's own process.
    """
    return frozenset(process.pid for process in _labs(home, user, server))


def end(home: Path, user: str, server: str, seconds: float) -> None:
    """End every process of one lab: SIGTERM, and SIGKILL for what is left after `seconds`.

    The lab's server comes first, alone: it ends its kernels in order, so that they can write what they have to.
    """
    processes = list(_labs(home, user, server))
    servers = [process for process in processes if _is_server(process)]
    _terminate(servers or processes)
    psutil.wait_procs(servers or processes, timeout=seconds)
    left = list(_labs(home, user, server))
    _terminate(left)
    _, alive = psutil.wait_procs(left, timeout=min(1.0, seconds))
    for process in alive:
        _signal(process, kill=True)
    psutil.wait_procs(alive, timeout=1.0)


def _labs(home: Path, user: str | None, server: str | None) -> Iterator[psutil.Process]:
    wanted = {PLATFORM: str(home), "JUPYTERHUB_USER": user, "JUPYTERHUB_SERVER_NAME": server}
    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except (psutil.Error, OSError):
            # Another account's process, or one that ended meanwhile.
            continue
        lab = "JUPYTERHUB_USER" in environment and process.pid != os.getpid()
        if lab and all(value is None or environment.get(name) == value for name, value in wanted.items()):
            yield process


def _is_server(process: psutil.Process) -> bool:
    try:
        return "uraniborg_hub.lab.singleuser" in process.cmdline()
    except psutil.Error:
        return False


def _terminate(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        _signal(process, kill=False)


def _signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        process.kill() if kill else process.terminate()
    except psutil.NoSuchProcess:
        return
