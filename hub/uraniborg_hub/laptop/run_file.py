"""`run.json`: where the running platform listens, for `uraniborg link`, `uraniborg doctor` and tests. No secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from uraniborg_hub.errors import PlatformError
from uraniborg_hub.laptop.plan import Platform, Ports


@dataclass(frozen=True, kw_only=True)
class Running:
    """A platform that runs now."""

    url: str
    pid: int
    """The supervisor."""
    ports: Ports
    pids: Mapping[str, int]
    """Process name to pid."""


def path(home: Path) -> Path:
    """Give the file's path."""
    return home / "hub" / "run.json"


def write(home: Path, platform: Platform, pids: Mapping[str, int]) -> None:
    """Say where the platform listens; the file appears whole."""
    running = Running(url=platform.url, pid=psutil.Process().pid, ports=platform.ports, pids=dict(pids))
    fresh = path(home).with_suffix(".new")
    fresh.write_text(json.dumps(asdict(running), indent=1))
    fresh.replace(path(home))


def read(home: Path) -> Running | None:
    """Give the platform that runs with this state folder, None where none does."""
    try:
        content = json.loads(path(home).read_text())
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return None
    if not psutil.pid_exists(content["pid"]):
        return None
    return Running(**{**content, "ports": Ports(**content["ports"])})


def demand(home: Path) -> Running:
    """Give the platform that runs with this state folder.

    Raises
    ------
    PlatformError
        None runs.
    """
    running = read(home)
    if running is None:
        raise PlatformError(f"No platform runs with the state folder {home}.", "Start it: `uraniborg up`.")
    return running


def remove(home: Path) -> None:
    """Forget the platform; no error if it is forgotten already."""
    path(home).unlink(missing_ok=True)
