"""Downloads one file, checks its hash, and puts it in its place whole."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from pooch.core import retrieve
from pooch.downloaders import HTTPDownloader
from pooch.utils import get_logger

SECONDS = 30
"""How long a server may stay silent."""


class Progress(Protocol):
    """What a download tells its progress to: the methods of tqdm that pooch calls."""

    total: float

    def update(self, amount: float) -> None:
        """Take note of so many more bytes."""

    def reset(self) -> None:
        """Start again from nothing."""

    def close(self) -> None:
        """End."""


def download(url: str, sha256: str, target: Path, progress: Progress | None = None) -> Path:
    """Give `target`, downloaded from `url` into a temporary file and moved there once its SHA-256 is right.

    Raises
    ------
    OSError
        The server can't be reached or refuses, or the folder can't be written.
    ValueError
        What came has another SHA-256; it was removed.
    """
    get_logger().setLevel(logging.WARNING)
    downloader: Any = HTTPDownloader
    fetch = downloader(timeout=SECONDS, progressbar=progress or False)
    known = f"sha256:{sha256}"
    return Path(retrieve(url, known_hash=known, fname=target.name, path=target.parent, downloader=fetch))


def reason(url: str, error: Exception) -> str:
    """Give why a download failed in a few words: HTTP libraries tell it in a page."""
    host = urlsplit(url).hostname
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return f"{host} answers {status}"
    if isinstance(error, ValueError):
        return f"what {host} sent has another SHA-256"
    if isinstance(error, ConnectionError) or "onnection" in type(error).__name__ or "Timeout" in type(error).__name__:
        return f"{host} can't be reached"
    return str(error).partition("\n")[0][:160]
