"""Documents compressed on their way, piece by piece."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator

import pyarrow as pa

from uraniborg_portal.formats.stream import Stream

GZIP_LEVEL = 1
"""The rows of catalogs are mostly noise: higher levels cost three times as much, and save a tenth."""
GZIP_BITS = 16 + zlib.MAX_WBITS


def gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Give what gzip makes of a document; each piece can be read when it is there."""
    whole = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_BITS)
    for piece in pieces:
        yield whole.compress(piece) + whole.flush(zlib.Z_SYNC_FLUSH)
    yield whole.flush()


def zstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Give what Zstandard makes of a document; each piece can be read when it is there."""
    stream = Stream()
    whole = pa.CompressedOutputStream(pa.PythonFile(stream, mode="w"), "zstd")
    for piece in pieces:
        whole.write(piece)
        whole.flush()
        yield stream.take()
    whole.close()
    yield stream.take()


CODINGS: dict[str, Callable[[Iterator[bytes]], Iterator[bytes]]] = {"zstd": zstd, "gzip": gzip}
"""Content codings of HTTP by name; the first is the better one."""
