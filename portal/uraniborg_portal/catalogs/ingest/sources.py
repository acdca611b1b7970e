"""Where the rows of a catalog come from: files by name, pattern or URL, told apart from changed ones."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import fsspec

from uraniborg_portal.errors import BadParameter, Unavailable

_PATTERN = frozenset("*?[")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A file as it was when it was looked at."""

    name: str
    """A path, or a URL that fsspec opens (https, s3)."""
    size: int
    """Bytes; -1 where a host does not say."""
    stamp: str
    """Its time of change or its ETag; another one means another content."""

    @property
    def remote(self) -> bool:
        """Whether it is elsewhere than in a folder of this machine."""
        return "://" in self.name


def find(words: Sequence[str]) -> tuple[Origin, ...]:
    """Give the files that names, patterns (`*`, `?`, `[`) and URLs mean; those of a pattern sorted by name.

    Raises
    ------
    BadParameter
        A file is not there, or a pattern fits none.
    Unavailable
        A host does not answer.
    """
    return tuple(origin for word in words for origin in _found(word))


def look(name: str) -> Origin:
    """Give one file as it is now; fails like `find`."""
    if "://" not in name:
        path = Path(name)
        try:
            status = path.stat()
        except OSError as error:
            raise BadParameter(f"{path} can't be opened: {error.strerror}.", "Give an existing file.") from error
        return Origin(name=name, size=status.st_size, stamp=str(status.st_mtime_ns))
    with _reached(name):
        files, path_there = fsspec.core.url_to_fs(name)
        about = files.info(path_there)
    stamp = next((str(about[key]) for key in ("ETag", "etag", "LastModified", "mtime") if about.get(key)), "")
    return Origin(name=name, size=int(about.get("size") if about.get("size") is not None else -1), stamp=stamp)


@dataclass(frozen=True, kw_only=True)
class Task:
    """A remote file that is to be copied."""

    origin: Origin
    path: Path


def fetch(task: Task) -> int:
    """Copy a remote file, unless it is there already, and give its size; fails like `find`."""
    if task.path.exists():
        return task.path.stat().st_size
    incoming = task.path.with_name(f"{task.path.name}.{os.getpid()}")
    with _reached(task.origin.name), fsspec.open(task.origin.name, "rb") as there, incoming.open("wb") as file:
        shutil.copyfileobj(there, file, 1 << 20)
    size = incoming.stat().st_size
    if task.origin.size not in (-1, size):
        raise Unavailable(f"{task.origin.name} ended after {size:,} of {task.origin.size:,} bytes.", "Try again.")
    incoming.replace(task.path)
    return size


def _found(word: str) -> Iterator[Origin]:
    if not _PATTERN & set(word) or ("://" not in word and Path(word).exists()) or word.startswith("http"):
        yield look(word)
        return
    with _reached(word):
        files, pattern = fsspec.core.url_to_fs(word)
        names = sorted(files.glob(pattern))
    if not names:
        raise BadParameter(f"No file fits {word}.", "Give existing files.")
    for name in names:
        yield look(files.unstrip_protocol(name) if "://" in word else name)


@contextmanager
def _reached(name: str) -> Iterator[None]:
    """Say in a sentence what reaching for a file in the block fails of; a full disk stays what it is."""
    try:
        yield
    except FileNotFoundError as error:
        raise BadParameter(f"{name} is not there.", "Give an existing file.") from error
    except (ImportError, ValueError) as error:
        raise BadParameter(f"{name} can't be opened: {error}.", "Give a path, or an https or s3 URL.") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Unavailable(f"{name} can't be had: {error}.", "Try again.") from error
