"""TCP ports on this machine: which are free, and who holds one that is not."""

from __future__ import annotations

import random
import socket

import psutil

from uraniborg_hub.errors import PlatformError

UNASKED = range(20_000, 32_000)
"""Ports that no system gives to connections by itself (Linux begins at 32768): one that is free stays so."""


def free_ports(count: int, host: str = "127.0.0.1") -> tuple[int, ...]:
    """Give that many distinct ports that were free on `host` a moment ago."""
    drawn = random.SystemRandom().sample(UNASKED, len(UNASKED))
    free = (port for port in drawn if is_free(host, port))
    return tuple(next(free) for _ in range(count))


def is_free(host: str, port: int) -> bool:
    """Say whether this process could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def holder(port: int) -> str:
    """Name the process that listens on the port: its name, pid and command, as far as we may see them."""
    try:
        pids = [
            c.pid for c in psutil.net_connections("tcp") if c.laddr and c.laddr.port == port and c.status == "LISTEN"
        ]
        process = psutil.Process(next(pid for pid in pids if pid))
        command = " ".join(process.cmdline())[:120]
        return f"{process.name()} (pid {process.pid}: {command})"
    except (psutil.Error, StopIteration):
        return "another user's process (root can name it: ss -ltnp)"


def demand_free(host: str, port: int) -> None:
    """Return if the platform can listen there.

    Raises
    ------
    PlatformError
        The port is taken (names the process) or may not be used by this user.
    """
    if is_free(host, port):
        return
    if port < 1024 and holder(port).startswith("another user's"):
        raise PlatformError(
            f"This user may not listen on port {port}.", "Choose one from 1024 on: URANIBORG_PORT=8000."
        )
    raise PlatformError(
        f"Port {port} on {host} is held by {holder(port)}.",
        f"End it, or start on another port: URANIBORG_PORT={port + 1} make up (setting `port` in uraniborg.toml).",
    )
