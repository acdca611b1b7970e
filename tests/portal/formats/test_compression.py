"""What is compressed can be read piece by piece, and whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import pyarrow as pa
import pytest

from uraniborg_portal.errors import TooLarge
from uraniborg_portal.formats.compression import CODINGS, gzip

PIECES = [b"", b"<VOTABLE>", b"abc" * 100_000, b"</VOTABLE>"]


@pytest.mark.parametrize("pieces", [[], [b""], PIECES], ids=len)
@pytest.mark.parametrize("name", CODINGS)
def test_the_whole_comes_back(name: str, pieces: list[bytes]) -> None:
    packed = b"".join(CODINGS[name](iter(pieces)))
    with pa.CompressedInputStream(pa.BufferReader(packed), name) as read:
        assert read.read() == b"".join(pieces)
    assert len(packed) < 3000


def test_each_piece_can_be_read_when_it_is_there() -> None:
    reading = zlib.decompressobj(31)
    packed = gzip(iter(PIECES))
    assert [reading.decompress(next(packed)) for _ in PIECES] == PIECES


@pytest.mark.parametrize("name", CODINGS)
def test_a_document_that_ends_early_can_be_read_to_its_end(name: str) -> None:
    def pieces() -> Iterator[bytes]:
        yield PIECES[1]
        raise TooLarge("too many rows")

    packed, taken = CODINGS[name](pieces()), bytearray()
    with pytest.raises(TooLarge):
        for piece in packed:
            taken += piece
    if name == "gzip":
        reading = zlib.decompressobj(31)
        assert reading.decompress(taken) == PIECES[1]
        assert reading.eof
    with pa.CompressedInputStream(pa.BufferReader(bytes(taken)), name) as read:
        assert read.read() == PIECES[1]
