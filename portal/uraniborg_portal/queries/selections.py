"""Selected rows of a result, beside it on disk."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import numpy as np

from uraniborg_portal.errors import BadParameter, NotFound, Unavailable
from uraniborg_portal.queries.paging import RowNumbers

KEPT = 10
"""Selections of one result that are kept; the oldest goes first."""
ENDING = ".rows"
IDENTIFIER = re.compile(r"[0-9a-f]{32}")
ACCEPTED = "Send the row numbers as little-endian unsigned integers of 32 bits."


def numbers_of(body: bytes, rows: int) -> RowNumbers:
    """Give the row numbers of a request's body, ascending, each once.

    Raises
    ------
    BadParameter
        The body is not whole 32-bit numbers, or one of them is no row.
    """
    if len(body) % 4:
        raise BadParameter(f"A selection of {len(body)} bytes is no list of 32-bit row numbers.", ACCEPTED)
    numbers = np.unique(np.frombuffer(body, dtype="<u4"))
    if numbers.size and numbers[-1] >= rows:
        raise BadParameter(f"Row {numbers[-1]} is selected, but the result has {rows} rows, from 0.", ACCEPTED)
    return numbers.astype(np.uint32)


def save(folder: Path, numbers: RowNumbers) -> str:
    """Keep a selection of the result in `folder` and give its id.

    Raises
    ------
    Unavailable
        The disk is full or not writable.
    """
    identifier = secrets.token_hex(16)
    incoming = folder / f".{identifier}"
    try:
        incoming.write_bytes(numbers.astype("<u4").tobytes())
        incoming.rename(folder / f"{identifier}{ENDING}")
        old = sorted(folder.glob(f"*{ENDING}"), key=lambda path: path.stat().st_mtime_ns)
        for path in old[:-KEPT]:
            path.unlink(missing_ok=True)
    except OSError as error:
        incoming.unlink(missing_ok=True)
        raise Unavailable(f"The selection can't be kept: {error.strerror}.", "Free disk space.") from error
    return identifier


def load(folder: Path, identifier: str) -> RowNumbers:
    """Give the row numbers of a selection.

    Raises
    ------
    NotFound
        The result has no such selection.
    """
    path = folder / f"{identifier}{ENDING}"
    if not IDENTIFIER.fullmatch(identifier) or not path.is_file():
        raise NotFound(f"There is no selection {identifier[:40]!r}.", "Select the rows again.", field="selected")
    return np.frombuffer(path.read_bytes(), dtype="<u4").astype(np.uint32)
