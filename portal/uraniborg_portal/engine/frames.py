"""What the portal and a query worker say to each other over pipes: frames of a kind and bytes."""

from __future__ import annotations

import json
import struct
from typing import IO, Any

HEAD = struct.Struct(">cQ")
"""One letter, and how many bytes follow."""
WORDS = b"J"
"""A frame of JSON: an order, or how something ended."""
SCHEMA = b"S"
"""A frame of Arrow: names and types of the rows to come."""
ROWS = b"R"
"""A frame of Arrow: some rows."""
GIVEN = b"G"
"""A frame that comes with a question: a whole table of Arrow, or a file's bytes as somebody sent them."""


Bytes = bytes | memoryview
"""What a file holds, in memory or mapped from it."""


class BrokenChannel(Exception):
    """The other side ended, or said what nobody says."""


def write(stream: IO[bytes], kind: bytes, content: bytes | memoryview) -> None:
    """Write one frame."""
    stream.write(HEAD.pack(kind, len(content)))
    stream.write(content)


def write_words(stream: IO[bytes], **words: object) -> None:
    """Write a frame of JSON, and send all that was written."""
    write(stream, WORDS, json.dumps(words).encode())
    stream.flush()


def read(stream: IO[bytes], most: int, most_of_rows: int | None = None) -> tuple[bytes, bytes]:
    """Give the kind and the bytes of the next frame.

    Raises
    ------
    BrokenChannel
        There is none, it ends early, or it has more than `most` bytes; `most_of_rows` where it holds rows.
    """
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        raise BrokenChannel
    kind, size = HEAD.unpack(head)
    if size > (most_of_rows if kind == ROWS and most_of_rows is not None else most):
        raise BrokenChannel
    content = stream.read(size)
    if len(content) < size:
        raise BrokenChannel
    return kind, content


def words(content: bytes) -> dict[str, Any]:
    """Give what a frame of JSON says.

    Raises
    ------
    BrokenChannel
        It is not JSON, or not an object.
    """
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BrokenChannel from error
    if not isinstance(said, dict):
        raise BrokenChannel
    return said
