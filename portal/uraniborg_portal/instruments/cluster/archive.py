"""A folder as bytes, on its way from a worker to the portal."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from uraniborg_portal.errors import TooLarge


def pack(folder: Path, most_bytes: int) -> bytes:
    """Give a folder's files as a tar archive.

    Raises
    ------
    TooLarge
        They are more than `most_bytes` together.
    """
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if size > most_bytes:
        raise TooLarge(
            f"The product is {size / 1e6:.0f} MB; accepted: {most_bytes / 1e6:.0f} MB (jobs.product_megabytes).",
            "Ask for less: a shorter time or a narrower band.",
        )
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(folder, arcname=".")
    return packed.getvalue()


def unpack(packed: bytes, folder: Path) -> None:
    """Write an archive's files into `folder`; one that names a place outside, a link to one, or a device is refused.

    Raises
    ------
    tarfile.TarError
        The bytes are no archive, or hold such a name.
    """
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:") as archive:
        archive.extractall(folder, filter="data")
        for member in archive.getmembers():
            if member.isfile():
                # The filter makes files writable; a product's never change.
                (folder / member.name).chmod(0o444)
