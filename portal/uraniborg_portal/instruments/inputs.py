"""Data files that instruments read, as the data registry describes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from uraniborg_portal.instruments.models import Report
from uraniborg_portal.registry.entries import entries
from uraniborg_portal.registry.registry import make_registry
from uraniborg_portal.settings import Settings


def hashes(names: Iterable[str]) -> dict[str, str]:
    """Give the SHA-256 of each data file, without fetching it."""
    return {name: entries()[name].sha256 for name in names}


def licence_and_citation(names: Iterable[str]) -> tuple[str, str]:
    """Give the licences and citations of data files, each once."""
    used = [entries()[name] for name in names]
    licences, citations = dict.fromkeys(each.licence for each in used), dict.fromkeys(each.citation for each in used)
    return " AND ".join(licences), "; ".join(citations)


def fetch(names: Iterable[str], report: Report) -> Mapping[str, Path]:
    """Give data files on this machine, fetched where they are not here yet.

    Raises
    ------
    Unavailable
        Neither mirror nor network has one.
    """
    registry = make_registry(Settings())
    found: dict[str, Path] = {}
    for name in names:
        here = registry.here(name)
        if here is None:
            report.progress(0.0, f"Fetching {name}")
        found[name] = here or registry.path(name)
        report.log(f"Data file {name}, SHA-256 {entries()[name].sha256}")
    return found
