"""Lines of CSV in which a quote opens that does not close: without a look at them the rest of a file were one text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

LONGEST = 1 << 20
"""Bytes of the longest row with line breaks in quotes; a quote that closes later is taken for one that does not."""
QUOTED = rb'"(?:[^"]++|"")*+"'
Lines = list[tuple[int, int]]
"""First byte of a line, and the byte after its last one."""


def misquoted(content: bytes, delimiter: str, width: int) -> Lines:
    """Give the lines in which a quote opens that does not close in a row of `width` fields; it is the line's fault.

    A quote opens where a field begins, and closes where one ends; two of them in it stand for one. Any other is a
    letter like all.
    """
    if b'"' not in content:
        return []
    data = np.frombuffer(content, np.uint8)
    quotes, ends = (np.flatnonzero(data == ord(letter)) for letter in ('"', "\n"))
    # A line with an even number closes what it opens.
    odd = np.flatnonzero(np.bincount(np.searchsorted(ends, quotes), minlength=1) & 1)
    row, fields = _patterns(delimiter)
    found: Lines = []
    after = 0
    for line in odd.tolist():
        start = int(ends[line - 1]) + 1 if line else 0
        end = int(ends[line]) if line < len(ends) else len(content)
        if start < after:
            continue
        match = row.match(content, start, min(len(content), start + LONGEST))
        after = end + 1
        if match and (match.end() <= after or len(fields.findall(match[1])) == width):
            after = match.end()
        else:
            found.append((start, end))
    return found


def without(content: bytes, lines: Iterable[tuple[int, int]]) -> bytes:
    """Give a text with these lines empty, so that the others keep their numbers."""
    kept, after = [], 0
    for start, end in lines:
        kept.append(content[after:start])
        after = end
    return b"".join((*kept, content[after:])) if after else content


@lru_cache(maxsize=8)
def _patterns(delimiter: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Give what matches a row, whose first group is without its end, and what finds its fields."""
    between = re.escape(delimiter.encode())
    bare = rb'[^"\r\n' + between + rb"][^\r\n" + between + rb"]*+"
    field = rb"(?>" + QUOTED + rb"|" + bare + rb"|)"
    row = rb"(" + field + rb"(?:" + between + field + rb")*+)(?:\r?\n|\Z)"
    return re.compile(row), re.compile(rb"(?:\A|" + between + rb")" + field)
