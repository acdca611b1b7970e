"""One-time sign-in links: made by `uraniborg up` and `uraniborg link`, used up by the hub, in one small file each.

A file's name is the SHA-256 of the token, so that whoever reads the folder can't sign in with what is there. The
folder is the owner's alone (0700, files 0600).
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from pathlib import Path

from uraniborg_hub.names import links

SECONDS = 600.0
"""How long a link works."""


def issue(home: Path, user: str, seconds: float = SECONDS) -> str:
    """Give a new token that signs `user` in once, within `seconds`; links that are past their time are removed.

    Raises
    ------
    OSError
        The folder can't be written; no link was made.
    """
    folder = links(home)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(folder)
    token = secrets.token_urlsafe(32)
    descriptor = os.open(_path(home, token), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{time.time() + seconds:.3f} {user}")
    return token


def holder(home: Path, token: str) -> str | None:
    """Give the user whom the token would sign in, None where it is unknown, used or past its time."""
    try:
        until, _, user = _path(home, token).read_text().partition(" ")
    except FileNotFoundError:
        return None
    return user if user and time.time() < float(until) else None


def consume(home: Path, token: str) -> str | None:
    """Use the token up and give its user, None where it is unknown, used or past its time.

    Of any number of callers at the same time, in any number of processes, one gets the user.
    """
    user = holder(home, token)
    try:
        _path(home, token).unlink()
    except FileNotFoundError:
        # Removing a file succeeds once: whoever comes second was too late.
        return None
    return user


def _path(home: Path, token: str) -> Path:
    return links(home) / hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _sweep(folder: Path) -> None:
    now = time.time()
    for path in folder.iterdir():
        try:
            late = float(path.read_text().partition(" ")[0] or 0) < now
        except FileNotFoundError:
            continue
        if late:
            path.unlink(missing_ok=True)
