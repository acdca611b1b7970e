"""Data files that instruments read: the one place that asks the data registry."""

from __future__ import annotations

import csv
import hashlib
import os
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

from uraniborg_portal.errors import Unavailable

MIRROR = "URANIBORG_DATA_MIRROR"


@cache
def table() -> dict[str, tuple[Path, str]]:
    """Give path and SHA-256 of every file that is here."""
    samples = Path(str(files("uraniborg_portal.samples")))
    described = tomllib.loads((samples / "manifest.toml").read_text("utf-8"))["files"]
    own = {Path(name).name: (samples / name, entry["sha256"]) for name, entry in described.items()}
    mirror = Path(os.environ.get(MIRROR, "/nonexistent"))
    if not (mirror / "FILES.tsv").exists():
        return own
    with (mirror / "FILES.tsv").open(encoding="utf-8") as listed:
        rows = [row for row in csv.reader(listed, delimiter="\t") if row and row[0].startswith("gw/")]
    return {Path(row[0]).name: (mirror / row[0], "") for row in rows} | own


def sha256_of(name: str) -> str:
    """Give the hash of a data file, hex, without fetching it."""
    path, known = found(name)
    return known or hashlib.sha256(path.read_bytes()).hexdigest()


def found(name: str) -> tuple[Path, str]:
    """Give path and hash of a data file."""
    known = table().get(Path(name).name)
    if known is None:
        raise Unavailable(f"The data file {name} is not here.", f"Set {MIRROR} to a folder that has it.")
    return known


def fetch(name: str) -> Path:
    """Give a data file on this machine, fetched where it is not here yet.

    Raises
    ------
    Unavailable
        Neither mirror nor network has it.
    """
    return found(name)[0]
