"""The folder of one ingest: held by one process at a time, named after the catalog, and kept until it is published."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from uraniborg_portal.catalogs import layout
from uraniborg_portal.errors import Conflict

PATIENCE = 1.0
"""Seconds to wait for another ingest: a compaction holds the folder for a moment, to publish."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """Where each thing of an ingest is; a record that is there is whole, and what it tells of is finished."""

    root: Path

    @property
    def plan(self) -> Path:
        """What was asked, and how it is cut into units."""
        return self.root / "plan.json"

    @property
    def fetched(self) -> Path:
        """Copies of remote sources."""
        return self.root / "fetched"

    @property
    def director(self) -> Path:
        """The identifiers and positions of the catalog to whose rows the sources belong."""
        return self.root / "director"

    @property
    def units(self) -> Path:
        """Records, sorted pieces and rejected rows of the units of the sources."""
        return self.root / "units"

    @property
    def cut(self) -> Path:
        """The columns and shards of the catalog, once all units are mapped."""
        return self.root / "cut.json"

    @property
    def shards(self) -> Path:
        """Records and identifiers of the shards."""
        return self.root / "shards"

    @property
    def version(self) -> Path:
        """The version in the making."""
        return self.root / "version"

    def unit(self, number: int) -> Path:
        """Give the record of a unit."""
        return self.units / f"{number:06}.json"

    def shard(self, order: int, pixel: int) -> Path:
        """Give the record of a shard."""
        return self.shards / f"{order}-{pixel}.json"

    def make(self) -> None:
        """Make the folders that are missing."""
        for folder in (self.units, self.shards, self.version):
            folder.mkdir(parents=True, exist_ok=True)


def of(catalogs: Path, name: str) -> Work:
    """Give the work folder of a catalog's ingest, whether or not there is one."""
    return Work(root=catalogs / f"{layout.INCOMING_PREFIX}{name}")


@contextmanager
def held(catalogs: Path, name: str) -> Iterator[Work]:
    """Hold the work folder of a catalog; it is made where it is missing, and kept at the end.

    The lock ends with this process, however it ends.

    Raises
    ------
    Conflict
        Another process holds it.
    OSError
        The folder can't be made.
    """
    with _held(of(catalogs, name), f"ingest of {name!r}", PATIENCE) as work:
        yield work


def compaction_of(catalogs: Path, name: str) -> Work:
    """Give the work folder of a catalog's compaction, whether or not there is one: an ingest does not wait for it."""
    return Work(root=catalogs / f"{layout.COMPACTING_PREFIX}{name}")


@contextmanager
def compacting(catalogs: Path, name: str) -> Iterator[Work]:
    """Hold the work folder of a catalog's compaction, as `held` does that of an ingest."""
    with _held(compaction_of(catalogs, name), f"compaction of {name!r}") as work:
        yield work


@contextmanager
def _held(work: Work, what: str, patience: float = 0.0) -> Iterator[Work]:
    descriptor = _locked(work.root, what, time.monotonic() + patience)
    try:
        yield work
    finally:
        os.close(descriptor)


def _locked(root: Path, what: str, until: float) -> int:
    path = root / "lock"
    while True:
        try:
            root.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        except FileNotFoundError:
            # Who held it removed the folder just now.
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if time.monotonic() < until:
                time.sleep(0.02)
                continue
            raise Conflict(
                f"Another {what} is running.", "Wait for its end, or stop it first.", field="name"
            ) from error
        # Who held it before may have removed the folder between our opening and our locking.
        if path.exists() and path.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
        os.close(descriptor)


def clear(work: Work) -> None:
    """Remove what an ingest left, but not the lock, which this process holds."""
    for entry in work.root.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != "lock":
            entry.unlink()


def leave(work: Work) -> None:
    """Remove the folder that this process holds, and nothing of whoever holds it next."""
    with suppress(OSError):
        clear(work)
        # From here on another process may make a lock of its own, and files beside it.
        (work.root / "lock").unlink()
        work.root.rmdir()


def record(path: Path, content: Mapping[str, Any]) -> None:
    """Write a record; a reader finds it whole, or not at all."""
    incoming = path.with_name(f"{path.name}.{os.getpid()}")
    incoming.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    incoming.replace(path)


def read(path: Path) -> dict[str, Any]:
    """Read a record."""
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content
