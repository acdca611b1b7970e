"""Which files of a folder are in use: of this process as it counts them, of others as they lock them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCKS = ".in-use"
"""A file beside them that stays empty: a byte of it stands for each file, whether it is there or not."""


class InUse:
    """Locks on bytes of one file (fcntl(2), advisory record locks), which end with the process; one per process.

    Safe to share between threads.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._counts: Counter[int] = Counter()
        self._file: int | None = None

    def take(self, path: Path) -> None:
        """Let nobody remove a file, which may not be there yet, until `give` is called as often."""
        place = _place(path)
        with self._lock:
            if not self._counts[place]:
                fcntl.lockf(self._locks(), fcntl.LOCK_SH, 1, place)
            self._counts[place] += 1

    def give(self, path: Path) -> None:
        """Let others remove it."""
        place = _place(path)
        with self._lock:
            self._counts[place] -= 1
            if not self._counts[place]:
                del self._counts[place]
                fcntl.lockf(self._locks(), fcntl.LOCK_UN, 1, place)

    @contextmanager
    def free(self, path: Path) -> Iterator[bool]:
        """Say whether nobody uses a file; nobody takes it while the block runs."""
        place = _place(path)
        with self._lock:
            if self._counts[place]:
                yield False
                return
            try:
                fcntl.lockf(self._locks(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except OSError:
                yield False
                return
            try:
                yield True
            finally:
                fcntl.lockf(self._locks(), fcntl.LOCK_UN, 1, place)

    def close(self) -> None:
        """Give all."""
        with self._lock:
            self._counts.clear()
            if self._file is not None:
                os.close(self._file)
            self._file = None

    def _locks(self) -> int:
        if self._file is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.folder / LOCKS, os.O_RDWR | os.O_CREAT, 0o600)
        return self._file


def _place(path: Path) -> int:
    return int.from_bytes(hashlib.sha256(str(path).encode()).digest()[:7], "big")
