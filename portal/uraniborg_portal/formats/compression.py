"""Documents compressed on their way, piece by piece."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

import pyarrow as pa

from uraniborg_portal.errors import PortalError
from uraniborg_portal.formats.stream import Stream

GZIP_LEVEL = 1
"""The rows of catalogs are mostly noise: higher levels cost three times as much, and save a tenth."""
GZIP_BITS = 16 + zlib.MAX_WBITS


def gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Give what gzip makes of a document; each piece can be read when it is there, also where an error ends it."""
    whole = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_BITS)
    return ended(pieces, lambda piece: whole.compress(piece) + whole.flush(zlib.Z_SYNC_FLUSH), whole.flush)


def zstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Give what Zstandard makes of a document, as `gzip` does."""
    stream = Stream()
    whole = pa.CompressedOutputStream(pa.PythonFile(stream, mode="w"), "zstd")

    def add(piece: bytes) -> bytes:
        whole.write(piece)
        whole.flush()
        return stream.take()

    def end() -> bytes:
        whole.close()
        return stream.take()

    return ended(pieces, add, end)


def ended(pieces: Iterator[bytes], add: Callable[[bytes], bytes], end: Callable[[], bytes]) -> Iterator[bytes]:
    """Give what `add` makes of each piece, and what `end` gives.

    A document that an error ends may say so itself, and then it is readable to its end; one that has not begun is none.
    """
    begun = False
    try:
        for piece in pieces:
            begun = True
            yield add(piece)
    except PortalError:
        if begun:
            yield end()
        raise
    yield end()


CODINGS: dict[str, Callable[[Iterator[bytes]], Iterator[bytes]]] = {"zstd": zstd, "gzip": gzip}
"""Content codings of HTTP by name; the first is the better one."""
