"""The volume that holds a user's files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

FULL = 16 * 2**20
"""With fewer bytes left than this, notebooks can't be saved any more."""


@dataclass(frozen=True, kw_only=True)
class Volume:
    """What its file system says."""

    size: int
    free: int
    """Bytes that users may still write."""
    files_free: int | None
    """Files that may still be made; None where the file system does not count them."""

    @property
    def full(self) -> bool:
        """Whether hardly anything can be written."""
        return self.free < FULL or self.files_free == 0


def volume(folder: Path) -> Volume:
    """Give the volume of a folder."""
    state = os.statvfs(folder)
    return Volume(
        size=state.f_blocks * state.f_frsize,
        free=state.f_bavail * state.f_frsize,
        files_free=state.f_favail if state.f_files else None,
    )
