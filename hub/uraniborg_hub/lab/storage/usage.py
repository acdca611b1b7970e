"""Measures a folder as `du` does, in small steps, so that neither the lab nor the storage feels it."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WORK, REST = 0.05, 0.15
"""Seconds of looking, and of rest after them."""
BLOCK = 512
"""Bytes of a block as `st_blocks` counts them, whatever the file system's are."""
SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a folder's files take on disk."""

    bytes: int
    complete: bool
    """False: the time was over before all was seen; it is more."""
    largest: tuple[tuple[str, int], ...]
    """The entries of the folder that take most, name and bytes, the largest first."""


def measure(folder: Path, seconds: float, rest: float = REST) -> Usage:
    """Give what a folder takes, within about `seconds`.

    Links are not followed, other file systems below it are left out, a file with several names counts once, and what
    can't be read counts as nothing.
    """
    sizes: Counter[str] = Counter()
    seen: set[tuple[int, int]] = set()
    end = time.monotonic() + seconds
    pause = time.monotonic() + WORK
    for name, state in _walk(folder):
        if state.st_nlink > 1:
            if (state.st_dev, state.st_ino) in seen:
                continue
            seen.add((state.st_dev, state.st_ino))
        sizes[name] += state.st_blocks * BLOCK
        if time.monotonic() > pause:
            if time.monotonic() > end:
                return _usage(sizes, complete=False)
            time.sleep(rest)
            pause = time.monotonic() + WORK
    return _usage(sizes, complete=True)


def _walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Give each file and folder below a folder, with the name of the folder's entry that it belongs to."""
    device = folder.stat().st_dev
    waiting: list[tuple[str, str]] = [("", str(folder))]
    while waiting:
        top, path = waiting.pop()
        for entry in _entries(path):
            try:
                state = entry.stat(follow_symlinks=False)
            except OSError:
                # Gone meanwhile, or another user's.
                continue
            name = top or entry.name
            yield name, state
            if entry.is_dir(follow_symlinks=False) and state.st_dev == device:
                waiting.append((name, entry.path))


def _entries(path: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as found:
            return list(found)
    except OSError:
        return []


def _usage(sizes: Counter[str], *, complete: bool) -> Usage:
    return Usage(bytes=sizes.total(), complete=complete, largest=tuple(sizes.most_common(SHOWN)))
