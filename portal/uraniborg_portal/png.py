"""PNG files from arrays (W3C PNG, third edition), without an imaging library."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, content: bytes) -> bytes:
    """Give one chunk: length, type, content, CRC (section 5.3)."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def encode(image: NDArray[np.uint8]) -> bytes:
    """Give the PNG of an array of shape (height, width, 4): RGBA, top row first."""
    height, width, _ = image.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    filtered = np.zeros((height, width * 4 + 1), np.uint8)
    filtered[:, 1:] = image.reshape(height, width * 4)
    return (
        SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(filtered.tobytes(), 6)) + chunk(b"IEND", b"")
    )
