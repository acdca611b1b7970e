"""Large CSV files in blocks: where rows end, quoted line breaks included, and on which line a row stands. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from uraniborg_portal.catalogs.readers import quotes

BLOCK = 48 << 20
"""Bytes of a block: half a million rows of a hundred characters."""
_QUOTE, _END = b'"', b"\n"


@dataclass(frozen=True, kw_only=True)
class Block:
    """Whole rows of a file."""

    content: bytes
    start: int
    """Place of its first byte in the text."""
    line: int
    """Number of its first line, from 1."""


def cut(content: bytes) -> int:
    """Give the place after the last row that ends in a text; 0 where none does. A line break in quotes ends no row.

    Where more than the longest row would be left, its first line has a quote that does not close, and is passed by.
    """
    end = _ended(content, 0)
    while len(content) - end > quotes.LONGEST and (line := content.find(_END, end) + 1):
        end = _ended(content, line)
    return end


def _ended(content: bytes, start: int) -> int:
    """Give the place after the last row that ends, of those from `start` on; `start` where none does."""
    end = max(content.rfind(_END) + 1, start)
    odd = content.count(_QUOTE, start, end) % 2
    while end > start and odd:
        before = max(content.rfind(_END, start, end - 1) + 1, start)
        odd = (odd + content.count(_QUOTE, before, end)) % 2
        end = before
    return end


def blocks(file: IO[bytes], start: int, line: int, size: int = BLOCK) -> Iterator[Block]:
    """Give the text of a file, from where it stands, in blocks of whole rows of about `size` bytes."""
    left = b""
    while new := file.read(size):
        content = left + new
        end = cut(content)
        if end:
            yield Block(content=content[:end], start=start, line=line)
            line += content.count(_END, 0, end)
            start += end
        left = content[end:]
    if left:
        yield Block(content=left, start=start, line=line)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row where it stands in the text."""

    line: int
    """Number of its first line."""
    fields: tuple[str, ...]


def rows(content: bytes, line: int, delimiter: str) -> Iterator[Row]:
    """Give the rows of a text that are not empty, with their lines; slow, for messages."""
    reader = csv.reader(io.StringIO(content.decode("utf-8", "replace"), newline=""), delimiter=delimiter)
    before = 0
    for fields in reader:
        first, before = before, reader.line_num
        if fields:
            yield Row(line=line + first, fields=tuple(fields))
