"""Writing what was downloaded: checked, whole or not at all, never over something else."""

from __future__ import annotations

import hashlib
from pathlib import Path

from uraniborg._errors import UraniborgError


def save(path: Path, data: bytes, sha256: str) -> Path:
    """Write data to a path and give the path; the same content there already is left as it is.

    Raises
    ------
    UraniborgError
        The data are not those of the hash, or another file has this name.
    """
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise UraniborgError(
            f"The download of {path.name} is damaged: SHA-256 {found} instead of {sha256}.", "Try again."
        )
    if path.exists():
        return _same(path, sha256)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    return part.replace(path)


def _same(path: Path, sha256: str) -> Path:
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise UraniborgError(
            f"{path} exists with other content and is not overwritten.", "Move it away, or name another folder."
        )
    return path
