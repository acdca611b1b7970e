"""The samples that the package carries: files with licence and citation, and catalogs made of them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.statistics import Note

FOLDER = Path(__file__).parent
"""Where the files are."""
MARGIN_ARCSEC = 900.0
"""Margin of the sample catalogs: they are sparse, so that a wide one costs little."""


@dataclass(frozen=True, kw_only=True)
class SampleFile:
    """One file that the package carries."""

    name: str
    """Path below `FOLDER`."""
    title: str
    licence: str
    citation: str
    origin: str
    sha256: str

    @property
    def path(self) -> Path:
        """Where the file is."""
        return FOLDER / self.name


@cache
def files() -> tuple[SampleFile, ...]:
    """Give every file that the package carries."""
    return tuple(SampleFile(name=name, **content) for name, content in _manifest()["files"].items())


def catalogs() -> tuple[tuple[Path, Entry], ...]:
    """Give the file and the description of each sample catalog."""
    return tuple((FOLDER / content["file"], _entry(content)) for content in _manifest()["catalog"])


def _entry(content: dict[str, Any]) -> Entry:
    return Entry(
        name=content["name"],
        title=content["title"],
        description=content["description"],
        licence=content["licence"],
        citation=content["citation"],
        identifier=content["identifier"],
        position=Position(**content["position"]),
        notes={name: Note(**note) for name, note in content["columns"].items()},
        margin_arcsec=MARGIN_ARCSEC,
    )


def _manifest() -> dict[str, Any]:
    with (FOLDER / "manifest.toml").open("rb") as file:
        return tomllib.load(file)
