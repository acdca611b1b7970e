"""Reads answers of hosts that nobody vouches for: never more than a limit, also of what is packed in them."""

from __future__ import annotations

import zlib

import httpx

from uraniborg_portal.errors import TooLarge, Unavailable

PACKED = 47
"""zlib's number for gzip and zlib, whichever the content is (`wbits`)."""


async def limited(answer: httpx.Response, most: int) -> bytes:
    """Give the body of an answer, unpacked, of at most `most` bytes.

    Raises
    ------
    TooLarge
        It is longer.
    Unavailable
        It is packed in a way that was not asked for, or wrongly.
    """
    how = answer.headers.get("content-encoding", "identity").strip().lower()
    if how not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise Unavailable(f"The answer is packed as {how[:40]!r}, which was not asked for.", "Try again later.")
    unpack = None if how in ("identity", "") else zlib.decompressobj(PACKED)
    content = bytearray()
    async for piece in answer.aiter_raw():
        try:
            content += unpack.decompress(piece, most + 1 - len(content)) if unpack else piece
        except zlib.error as error:
            raise Unavailable("The answer is packed wrongly.", "Try again later.") from error
        if len(content) > most:
            raise TooLarge(f"The answer has more than {most // 1_000_000} MB.", "Ask for fewer rows or columns.")
    return bytes(content)
