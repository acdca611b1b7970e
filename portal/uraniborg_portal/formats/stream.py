"""A file that gives away what was written to it, so that writers of files can stream."""

from __future__ import annotations


class Stream:
    """A binary file that can only be written; `take` gives what was written since the last call."""

    closed = False
    mode = "wb"

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        """Tell that it can be written: always."""
        return True

    def readable(self) -> bool:
        """Tell that it can't be read."""
        return False

    def seekable(self) -> bool:
        """Tell that it has no other place than its end."""
        return False

    def tell(self) -> int:
        """Give how many bytes were written so far, which Parquet's footer needs."""
        return self._written

    def write(self, data: bytes | memoryview) -> int:
        """Keep a piece until it is taken; its length is given back."""
        self._pieces.append(bytes(data))
        self._written += len(self._pieces[-1])
        return len(self._pieces[-1])

    def flush(self) -> None:
        """Do nothing: what was written can be taken at once."""

    def close(self) -> None:
        """Do nothing: what was written stays until it is taken."""

    def take(self) -> bytes:
        """Give what was written since the last call."""
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole
