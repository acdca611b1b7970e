"""Selected rows of a result, beside it in the portal's files."""

from __future__ import annotations

import re
import secrets

import numpy as np

from uraniborg_portal.errors import BadParameter, NotFound
from uraniborg_portal.queries.paging import RowNumbers
from uraniborg_portal.storage import Storage

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


def save(storage: Storage, folder: str, numbers: RowNumbers) -> str:
    """Keep a selection of the result in `folder` and give its id.

    Raises
    ------
    Unavailable
        The store is full or refuses.
    """
    identifier = secrets.token_hex(16)
    storage.put_bytes(numbers.astype("<u4").tobytes(), f"{folder}/{identifier}{ENDING}")
    kept = [(when, name) for name, when in storage.entries(folder).items() if name.endswith(ENDING)]
    for _, name in sorted(kept)[:-KEPT]:
        storage.remove(f"{folder}/{name}")
    return identifier


def load(storage: Storage, folder: str, identifier: str) -> RowNumbers:
    """Give the row numbers of a selection.

    Raises
    ------
    NotFound
        The result has no such selection.
    """
    if not IDENTIFIER.fullmatch(identifier):
        raise unknown(identifier)
    try:
        content = storage.read(f"{folder}/{identifier}{ENDING}")
    except FileNotFoundError as error:
        raise unknown(identifier) from error
    return np.frombuffer(content, dtype="<u4").astype(np.uint32)


def unknown(identifier: str) -> NotFound:
    """Give the refusal of a selection that is not here."""
    return NotFound(f"There is no selection {identifier[:40]!r}.", "Select the rows again.", field="selected")
