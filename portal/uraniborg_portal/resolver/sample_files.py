"""Where the package's samples are."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def sample(name: str) -> Path:
    """Give the path of a sample that the package carries."""
    return Path(str(files("uraniborg_portal.samples") / name))
