"""Which bytes of a file a client wants (RFC 9110, section 14); pure."""

from __future__ import annotations

import re

ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Unsatisfiable(ValueError):
    """No byte of the file is in the range."""


def range_of(header: str | None, size: int) -> tuple[int, int] | None:
    """Give the first byte that is wanted and the one after the last; None for the whole file.

    A header that asks for several ranges, or can't be read, is ignored, as the standard allows.

    Raises
    ------
    Unsatisfiable
        The range begins after the end.
    """
    found = ONE_RANGE.fullmatch((header or "").replace(" ", ""))
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= end:
        raise Unsatisfiable(f"bytes {header} of {size}")
    return start, end
