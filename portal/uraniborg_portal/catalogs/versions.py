"""The versions of a catalog: folders that never change, and one file that names the current one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from uraniborg_portal.catalogs import layout
from uraniborg_portal.errors import Conflict, NotFound


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


def before(catalogs: Path, name: str) -> int:
    """Give the version before the current one, to which a roll-back goes.

    Raises
    ------
    Conflict
        There is none.
    """
    now = current(catalogs, name)
    older = [number for number in numbers(catalogs, name) if now is not None and number < now]
    if not older:
        raise Conflict(f"The catalog {name!r} has no version before the current one.", "Nothing was changed.")
    return older[-1]


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
    """Remove the oldest versions but the current one and the `kept` before it; give the removed ones' numbers."""
    now = current(catalogs, name)
    older = [number for number in numbers(catalogs, name) if now is not None and number < now]
    leaving = older[: max(0, len(older) - kept)]
    for number in leaving:
        folder = layout.version_folder(catalogs, name, number)
        hidden = folder.with_name(f".{folder.name}")
        folder.rename(hidden)
        shutil.rmtree(hidden)
    return tuple(leaving)
