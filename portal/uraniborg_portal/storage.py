"""Files that every replica sees: results and products, in the state folder or wherever fsspec leads (S3).

Paths are relative and have slashes: `products/<id>/product.json`. What is put is there whole or not at all: on this
machine a folder is renamed into its place; elsewhere the file that describes a folder comes last, and nobody looks at
a folder without it.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fsspec

from uraniborg_portal.errors import Unavailable
from uraniborg_portal.settings import Settings

PIECE = 4_000_000
"""Bytes that are read from afar at once."""

S3_OPTIONS: dict[str, Any] = {"use_listings_cache": False, "config_kwargs": {"retries": {"max_attempts": 2}}}
"""Other replicas write too, so that no listing is believed for long; a store that is gone is noticed in seconds."""


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file that is sent to clients."""

    path: str
    """Where it is in the portal's files."""
    media_type: str
    name: str | None = None
    """What it is saved as; None where it is shown."""


class Storage:
    """The files below one folder or URL.

    Raises
    ------
    Unavailable
        Every method raises it, with the reason, when the store is gone, full, or refuses.
    """

    def __init__(self, url: str, options: dict[str, Any] | None = None) -> None:
        defaults = S3_OPTIONS if url.startswith(("s3:", "s3a:")) else {}
        with failures("The portal's files can't be reached"):
            self.files, self.root = fsspec.url_to_fs(url, **{**defaults, **(options or {})})
        self.folder = Path(self.root) if "file" in self.files.protocol else None

    def at(self, path: str) -> str:
        """Give a path as the file system knows it."""
        return f"{self.root.rstrip('/')}/{path}"

    def local(self, path: str) -> Path | None:
        """Give the file on this machine, None where the files are elsewhere."""
        return self.folder / path if self.folder else None

    @contextmanager
    def incoming(self, path: str) -> Iterator[Path]:
        """Give an empty folder of this machine to write into, from which `put_folder` is quick; it is removed after."""
        with failures("The files can't be kept"):
            beside = self.local(path)
            if beside:
                beside.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(prefix=".incoming-", dir=beside, ignore_cleanup_errors=True) as folder:
                yield Path(folder)

    def put_folder(self, written: Path, path: str, last: str) -> None:
        """Keep a folder of this machine, which may be gone then; `last` is the file that describes it."""
        with failures("The files can't be kept"):
            if self.folder:
                move_in(written, self.folder / path)
                return
            names = [each.relative_to(written).as_posix() for each in written.rglob("*") if each.is_file()]
            for name in sorted(names, key=lambda name: name == last):
                self.files.put_file(str(written / name), self.at(f"{path}/{name}"))

    def put_bytes(self, content: bytes, path: str) -> None:
        """Keep one file in a folder that exists."""
        with failures("The file can't be kept"):
            local = self.local(path)
            if local is None:
                self.files.pipe_file(self.at(path), content)
                return
            incoming = local.with_name(f".{local.name}")
            incoming.write_bytes(content)
            incoming.rename(local)

    def read(self, path: str) -> bytes:
        """Give a file's bytes.

        Raises
        ------
        FileNotFoundError
            There is no such file.
        """
        with failures("The file can't be read", missing=True):
            content: bytes = self.files.cat_file(self.at(path))
            return content

    def pieces(self, path: str, start: int, end: int) -> Iterator[bytes]:
        """Give the bytes from `start` up to `end`, piece by piece."""
        for first in range(start, end, PIECE):
            with failures("The file can't be read", missing=True):
                yield self.files.cat_file(self.at(path), start=first, end=min(first + PIECE, end))

    def size(self, path: str) -> int:
        """Give a file's size, bytes.

        Raises
        ------
        FileNotFoundError
            There is no such file.
        """
        with failures("The file can't be read", missing=True):
            return int(self.files.info(self.at(path))["size"])

    def exists(self, path: str) -> bool:
        """Tell whether a file is there."""
        try:
            self.size(path)
        except FileNotFoundError:
            return False
        return True

    def remove(self, path: str) -> None:
        """Remove a file or a folder; one that is gone is no error."""
        with failures("The files can't be removed"), suppress(FileNotFoundError):
            self.files.rm(self.at(path), recursive=True)

    def entries(self, path: str) -> dict[str, float]:
        """Give the names in a folder, files and folders, each with the Unix time of its latest change."""
        found: dict[str, float] = {}
        with failures("The files can't be listed"), suppress(FileNotFoundError):
            if self.folder:
                return {each.name: each.stat().st_mtime for each in (self.folder / path).iterdir()}
            for name, about in self.files.find(self.at(path), detail=True).items():
                entry = name.removeprefix(self.at(path)).strip("/").split("/")[0]
                found[entry] = max(found.get(entry, 0.0), about["LastModified"].timestamp())
        return found


def open_storage(settings: Settings) -> Storage:
    """Give the portal's files, where `files` says."""
    return Storage(settings.files or str(settings.state), settings.files_options)


def move_in(written: Path, final: Path) -> None:
    """Give a folder its place by a rename, so that it is whole or absent."""
    final.parent.mkdir(parents=True, exist_ok=True)
    try:
        written.rename(final)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = final.with_name(f".{final.name}")
        shutil.copytree(written, beside)
        beside.rename(final)


def failed() -> tuple[type[Exception], ...]:
    """Give what file systems raise when they fail; S3's client, where it is installed, has errors of its own."""
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        return (OSError,)
    return OSError, BotoCoreError, ClientError


@contextmanager
def failures(what: str, *, missing: bool = False) -> Iterator[None]:
    """Turn a failure of the store into words; with `missing`, a file that is not there stays what it is."""
    try:
        yield
    except failed() as error:
        if missing and isinstance(error, FileNotFoundError) and not bucket_is_gone(error):
            raise
        raise Unavailable(f"{what}: {reason(error)}.", "Try again later, or tell whoever runs this portal.") from error


def bucket_is_gone(error: Exception) -> bool:
    """Tell a bucket that is not there from a file that is not there."""
    answer = getattr(error.__cause__, "response", None) or {}
    return bool(answer.get("Error", {}).get("Code") == "NoSuchBucket")


def reason(error: Exception) -> str:
    """Give why a store failed, in words."""
    # Arrow's own words hold the system's.
    code = getattr(error, "errno", None)
    said = os.strerror(code) if code else str(error) or type(error).__name__
    return str(said).rstrip(".")[:300]
