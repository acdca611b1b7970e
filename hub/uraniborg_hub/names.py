"""Names that others rely on: services, scopes, environment variables, and paths below the state folder."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

PORTAL = "portal"
POOLS = "pools"

SERVER_SCOPES = (
    "users:activity!user",
    "access:servers!server",
    f"access:services!service={PORTAL}",
    f"access:services!service={POOLS}",
)
"""What a lab's token may do: JupyterHub's default for labs, and ask our two services as its user."""

PLATFORM = "URANIBORG_PLATFORM"
"""Environment variable of every process of a platform; its value is the state folder."""

PUBLIC_URL = "URANIBORG_PUBLIC_URL"
"""Environment variable of a lab in a pod: the platform's address as browsers use it, for links."""

_PLAIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,62}")


def service_path(name: str) -> str:
    """Give the public path of a service."""
    return f"/services/{name}/"


def database(home: Path) -> Path:
    """Give the hub's database."""
    return home / "hub" / "jupyterhub.sqlite"


def links(home: Path) -> Path:
    """Give the folder of open sign-in links."""
    return home / "hub" / "links"


def logs(home: Path) -> Path:
    """Give the folder of log files."""
    return home / "hub" / "logs"


def lab(home: Path, user: str) -> Path:
    """Give the folder of a user's lab.

    Two users never share a folder, and no name leads out of `home/labs`: a name that is more than letters, digits
    and `._@+-` is shown in part, followed by `--` and a part of its SHA-256.
    """
    return home / "labs" / folder(user)


def folder(user: str) -> str:
    """Give a user's name as one path component, see `lab`."""
    if _PLAIN.fullmatch(user) and "--" not in user:
        return user
    shown = re.sub(r"[^a-z0-9]+", "-", user.lower()).strip("-")[:32] or "x"
    return f"{shown}--{hashlib.sha256(user.encode()).hexdigest()[:12]}"
