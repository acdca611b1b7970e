"""What is computed of a version of a catalog once, kept in the state folder: a cache that may be removed any time."""

from __future__ import annotations

import hashlib
import io
import logging
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.density.counts import Counts, Rows, count

LOG = logging.getLogger(__name__)
COUNTS = "counts.npz"
IN_MEMORY = 4
"""Catalogs whose counts stay in memory, 100 MB each at most."""


class KeptDensities:
    """Counts and drawn tiles below `folder`, each `folder/<catalog>/<version>/`; safe to share between threads.

    A version is told by its shards and by when they were written. What an older one left is removed when a newer one
    is counted, and so is what is left of catalogs that are gone.
    """

    def __init__(self, folder: Path, catalogs: CatalogRegistry) -> None:
        self.folder = folder
        self.catalogs = catalogs
        """All catalogs, whoever may read them."""
        self._lock = threading.Lock()
        self._counting: dict[Path, threading.Lock] = {}
        self._opened: OrderedDict[Path, Counts] = OrderedDict()

    def counts(self, name: str, rows: Rows) -> Counts:
        """Give the counts of a catalog: from memory, from disk, or counted now, which others wait for.

        Raises
        ------
        Unavailable
            The catalog's files can't be read.
        """
        place = self.place(name, rows)
        with self._lock:
            counting = self._counting.setdefault(place, threading.Lock())
        with counting:
            found = self._opened.get(place) or self._read(place) or self._count(place, rows)
        with self._lock:
            self._opened[place] = found
            self._opened.move_to_end(place)
            while len(self._opened) > IN_MEMORY:
                self._opened.popitem(last=False)
        return found

    def file(self, name: str, rows: Rows, file: str, make: Callable[[], bytes]) -> bytes:
        """Give a file of a catalog's version: the kept one, or what `make` gives, which is kept."""
        path = self.place(name, rows) / file
        try:
            return path.read_bytes()
        except OSError:
            content = make()
        self._keep(path, content)
        return content

    def place(self, name: str, rows: Rows) -> Path:
        """Give the folder of a catalog's version."""
        said = [f"{shard.order} {shard.pixel} {shard.rows} {shard.path}" for shard in rows.shards]
        said += [str(path.stat().st_mtime_ns) for path in rows.witnesses if path.exists()]
        return self.folder / name / hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]

    def _read(self, place: Path) -> Counts | None:
        try:
            with np.load(place / COUNTS, allow_pickle=False) as stored:
                order, cells, rows = int(stored["order"]), stored["cells"], stored["rows"]
        except (OSError, ValueError, KeyError, EOFError):
            return None
        return Counts(order=order, cells=cells.astype(np.int64), rows=rows.astype(np.int64))

    def _count(self, place: Path, rows: Rows) -> Counts:
        counts = count(rows)
        content = io.BytesIO()
        cells, numbers = counts.cells.astype(np.uint32), counts.rows.astype(np.uint32)
        np.savez(content, order=np.array(counts.order), cells=cells, rows=numbers)
        self._sweep(place)
        self._keep(place / COUNTS, content.getvalue())
        return counts

    def _sweep(self, place: Path) -> None:
        installed = self.catalogs.names()
        old = [version for version in place.parent.glob("*") if version != place]
        gone = [catalog for catalog in self.folder.glob("*") if catalog.name not in installed]
        for folder in (*old, *gone):
            shutil.rmtree(folder, ignore_errors=True)

    def _keep(self, path: Path, content: bytes) -> None:
        """Write a file, whole or not at all; a disk that is full costs time later, and no answer."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as incoming:
                incoming.write(content)
            Path(incoming.name).replace(path)
        except OSError:
            LOG.exception("%s can't be kept", path)
