"""The state folder: made whole, of a known layout, writable, with room; otherwise refused in a sentence."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import IO

from uraniborg_hub.errors import PlatformError

LAYOUT = 1
"""The layout of the state folder that this version reads and writes."""
LAYOUT_FILE = "layout"
ROOM = 200_000_000
"""Free bytes that a start needs: samples, databases, logs."""
PARTS = ("hub", "hub/logs", "portal", "pools", "labs")


def open_state(home: Path) -> None:
    """Make the state folder or check the one that is there; nothing is changed when it is refused.

    Raises
    ------
    PlatformError
        Not writable, too little room, or made by a newer version or by something else.
    """
    existing = next(path for path in (home, *home.parents) if path.exists())
    if not existing.is_dir():
        raise PlatformError(f"The state folder {home} can't be made: {existing} is a file.", _elsewhere())
    if not os.access(existing, os.W_OK | os.X_OK):
        raise PlatformError(f"The state folder {home} is not writable for this user.", _elsewhere())
    free = shutil.disk_usage(existing).free
    if free < ROOM:
        raise PlatformError(
            f"The disk of the state folder {home} has {free / 1e6:.0f} MB free; a start needs {ROOM / 1e6:.0f} MB.",
            f"Make room there, or {_elsewhere().lower()}",
        )
    _check_layout(home)
    _make(home)


def _check_layout(home: Path) -> None:
    mark = home / LAYOUT_FILE
    if mark.exists():
        found = mark.read_text().strip()
        if found != str(LAYOUT):
            raise PlatformError(
                f"The state folder {home} has layout {found!r}; this version of Uraniborg reads layout {LAYOUT}.",
                "Use the version that made it, or name another folder in URANIBORG_HOME; it was left as it is.",
            )
    elif home.exists() and any(path.name not in {"uraniborg.toml", "portal"} for path in home.iterdir()):
        raise PlatformError(f"The folder {home} holds files that Uraniborg did not make.", _elsewhere())


def _make(home: Path) -> None:
    try:
        for part in PARTS:
            (home / part).mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = home / f".{LAYOUT_FILE}.new"
        fresh.write_text(f"{LAYOUT}\n")
        fresh.replace(home / LAYOUT_FILE)
    except OSError as error:
        raise PlatformError(f"The state folder {home} can't be written: {error.strerror}.", _elsewhere()) from error


def _elsewhere() -> str:
    return "Name another folder: URANIBORG_HOME=/path make up."


def lock(home: Path) -> IO[str]:
    """Hold the state folder for this process; the lock goes when the file is closed or the process ends.

    Raises
    ------
    PlatformError
        A platform with this state folder runs already.
    """
    # Opened without truncation: the holder's pid must stay readable for whoever is refused.
    file = (home / "hub" / "run.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        pid = file.read().strip() or "unknown"
        file.close()
        raise PlatformError(
            f"Uraniborg runs already with the state folder {home} (pid {pid}).",
            "`uraniborg link` prints a sign-in link; for a second platform set URANIBORG_HOME and URANIBORG_PORT.",
        ) from error
    file.seek(0)
    file.truncate()
    file.write(str(os.getpid()))
    file.flush()
    return file
