"""The table of data files (`files.toml`): name, size, SHA-256, address, licence and citation of each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "files.toml"


@dataclass(frozen=True, kw_only=True)
class DataFile:
    """One data file that can be fetched."""

    name: str
    """Its path below a mirror, as `gw/skymaps/gwtc/GW170814.fits`."""
    size: int
    """Bytes."""
    sha256: str
    url: str
    """Its public address; empty where only mirrors have it."""
    title: str
    licence: str
    citation: str


@cache
def entries() -> dict[str, DataFile]:
    """Give every data file by its name, in the order of the table."""
    with TABLE.open("rb") as file:
        collections = tomllib.load(file)["collection"]
    found: dict[str, DataFile] = {}
    for collection in collections:
        about = {key: collection[key] for key in ("title", "licence", "citation")}
        found |= {listed["name"]: DataFile(**listed, **about) for listed in collection["files"]}
    return found
