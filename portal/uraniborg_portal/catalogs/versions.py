"""The versions of a catalog: folders that never change, and one file that names the current one."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from uraniborg_portal.catalogs import layout
from uraniborg_portal.errors import Conflict, NotFound

SETTLED = 2_000_000_000
"""Nanoseconds after a change from when on a further one is sure to have another time; clocks of files tick slower."""
State = tuple[int, ...]
"""What changes with a file or folder: number, size, times of its last change, ns; nothing where there is none."""


def numbers(catalogs: Path, name: str) -> tuple[int, ...]:
    """Give the numbers of a catalog's versions, rising."""
    found = (catalogs / name).glob(f"{layout.VERSION_PREFIX}[0-9]*")
    words = [path.name.removeprefix(layout.VERSION_PREFIX) for path in found if path.is_dir()]
    return tuple(sorted(int(word) for word in words if word.isdecimal()))


def current(catalogs: Path, name: str) -> int | None:
    """Give the number of the current version: the one that was published last, otherwise the highest; None without any.

    A version that is being read stays where it is when another one is published.
    """
    try:
        word = (catalogs / name / layout.CURRENT).read_text("utf-8").strip().removeprefix(layout.VERSION_PREFIX)
    except OSError:
        word = ""
    if word.isdecimal() and layout.version_folder(catalogs, name, int(word)).is_dir():
        return int(word)
    return max(numbers(catalogs, name), default=None)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found of one catalog, and what its places were like then."""

    places: tuple[Path, Path]
    """Its folder, and its file that names a version."""
    states: tuple[State, ...]
    folder: Path | None


class CurrentVersions:
    """The folders of the current versions below one folder; safe to share between threads.

    A catalog is read as `current` reads it, and anew where its folder or the file in it that names a version changed.
    """

    def __init__(self, catalogs: Path, clock: Callable[[], int] = time.time_ns) -> None:
        """Take the folder, and what tells the time, ns: what changed just now is not kept."""
        self.catalogs = catalogs
        self._clock = clock
        self._known: dict[str, Found] = {}

    def folder(self, name: str) -> Path | None:
        """Give the folder of a catalog's current version; None without any."""
        known = self._known.get(name)
        places = known.places if known else (self.catalogs / name, self.catalogs / name / layout.CURRENT)
        states = tuple(_state(place) for place in places)
        if known and known.states == states:
            return known.folder
        now = self._clock()
        number = current(self.catalogs, name)
        folder = None if number is None else layout.version_folder(self.catalogs, name, number)
        if states[0] and all(now - changed > SETTLED for state in states for changed in state[-2:]):
            self._known[name] = Found(places=places, states=states, folder=folder)
        return folder


def _state(path: Path) -> State:
    try:
        said = path.stat()
    except OSError:
        return ()
    return said.st_ino, said.st_size, said.st_mtime_ns, said.st_ctime_ns


def publish(catalogs: Path, name: str, version: int) -> None:
    """Make a version the current one, in one step: readers find the one before, or this one.

    Raises
    ------
    NotFound
        There is no such version.
    """
    if not layout.version_folder(catalogs, name, version).is_dir():
        known = ", ".join(f"v{number}" for number in numbers(catalogs, name))
        raise NotFound(f"The catalog {name!r} has no version v{version}.", f"It has {known or 'none'}.")
    path = catalogs / name / layout.CURRENT
    incoming = path.with_name(f".{path.name}-{os.getpid()}")
    incoming.write_text(f"{layout.VERSION_PREFIX}{version}\n", "utf-8")
    incoming.replace(path)


def rows_of(catalogs: Path, name: str, version: int) -> int:
    """Give the version whose rows one has: another one where it is a compaction of that, otherwise itself."""
    try:
        word = (layout.version_folder(catalogs, name, version) / layout.COMPACTED).read_text("utf-8").strip()
    except OSError:
        return version
    return int(word.removeprefix(layout.VERSION_PREFIX))


def before(catalogs: Path, name: str) -> int:
    """Give the version with the rows before the current ones, to which a roll-back goes; the newest, if several do.

    Raises
    ------
    Conflict
        There is none.
    """
    now = current(catalogs, name)
    older = {} if now is None else _older(catalogs, name, now)
    if not older:
        raise Conflict(f"The catalog {name!r} has no version before the current one.", "Nothing was changed.")
    return older[max(older)]


def _older(catalogs: Path, name: str, now: int) -> dict[int, int]:
    """Give the newest version of each rows that are older than those of a version, by `rows_of`."""
    rows = {number: rows_of(catalogs, name, number) for number in numbers(catalogs, name)}
    return {rows[number]: number for number in rows if rows[number] < rows[now]}


def place(version: Path, catalogs: Path, name: str, number: int) -> None:
    """Move the folder of a whole version to its place; it is not the current one before it is published.

    Raises
    ------
    OSError
        The place is taken, or can't be written.
    """
    now = current(catalogs, name)
    (catalogs / name).mkdir(exist_ok=True)
    if now is not None:
        publish(catalogs, name, now)
    version.rename(layout.version_folder(catalogs, name, number))


def prune(catalogs: Path, name: str, kept: int) -> tuple[int, ...]:
    """Remove the oldest versions but the current one and `kept` before it; give the removed ones' numbers.

    A version and its compaction count as one, of which the newer is kept; both, where they have the current rows.
    """
    now = current(catalogs, name)
    older = {} if now is None else _older(catalogs, name, now)
    staying = {older[rows] for rows in sorted(older, reverse=True)[:kept]}
    leaving = [
        number
        for number in numbers(catalogs, name)
        if rows_of(catalogs, name, number) in older and number not in staying
    ]
    for number in leaving:
        folder = layout.version_folder(catalogs, name, number)
        hidden = folder.with_name(f".{folder.name}")
        folder.rename(hidden)
        shutil.rmtree(hidden)
    return tuple(leaving)
