"""Installs the sample catalogs at first start."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from uraniborg_portal.catalogs import layout
from uraniborg_portal.catalogs.install import install
from uraniborg_portal.errors import Conflict
from uraniborg_portal.samples import manifest

REMOVED = ".no-samples"
"""A file of this name in the folder of catalogs lists samples that the owner removed; they are not installed again."""


def install_samples(folder: Path) -> tuple[str, ...]:
    """Install the sample catalogs that are missing below `folder`, and give their names.

    Idempotent, and safe when several processes start at once: the first one to finish wins. Samples that were removed
    with `forget` stay away.
    """
    installed = []
    for path, entry in manifest.catalogs():
        if entry.name in _removed(folder) or layout.version_folder(folder, entry.name, 1).exists():
            continue
        try:
            install(pq.read_table(path), entry, folder)
        except Conflict:
            continue
        installed.append(entry.name)
    return tuple(installed)


def forget(name: str, folder: Path) -> None:
    """Remember that the owner removed a sample, so that the next start does not bring it back."""
    if any(entry.name == name for _, entry in manifest.catalogs()):
        names = sorted({*_removed(folder), name})
        (folder / REMOVED).write_text("\n".join(names) + "\n", "utf-8")


def _removed(folder: Path) -> tuple[str, ...]:
    path = folder / REMOVED
    return tuple(path.read_text("utf-8").split()) if path.is_file() else ()
