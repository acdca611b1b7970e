"""What a query worker answers, as it comes: names and types, batches of rows, and its last words. None is believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import pyarrow as pa

from uraniborg_portal.engine import frames
from uraniborg_portal.engine.allowance import Allowance
from uraniborg_portal.engine.arrow import read_batch, read_schema
from uraniborg_portal.engine.watch import Watch
from uraniborg_portal.errors import BadParameter, PortalError, QueryRefused, TookTooLong, TooLarge, Unavailable

WORDS_BYTES = 1_000_000
"""Longest frame of JSON, or of names and types, that is read."""
FRAME_BYTES = 32_000_000
"""How far one frame of rows may go beyond the largest result, so that it is the result that is too large."""
BATCH_BYTES = 10_000
"""What rows that come together count for at least: an empty batch takes memory, too."""
SHOWN_CHARACTERS = 1000
"""Longest sentence of a worker."""
ERRORS: dict[str, type[PortalError]] = {kind.code: kind for kind in (BadParameter, QueryRefused, TooLarge, Unavailable)}
"""What a worker may raise here."""
BROKEN = (frames.BrokenChannel, OSError, pa.ArrowException)
"""What reading raises where a worker has ended, or says what nobody says."""


class Weight:
    """Counts the bytes of a result."""

    def __init__(self, megabytes: int) -> None:
        self.megabytes = megabytes
        self._bytes = 0

    def add(self, size: int) -> None:
        """Count some rows.

        Raises
        ------
        TooLarge
            All together are larger than a result may be.
        """
        self._bytes += size + BATCH_BYTES
        if self._bytes > self.megabytes * 1_000_000 + BATCH_BYTES:
            raise TooLarge(
                f"The result is larger than {self.megabytes:,} MB, the most that one query gives.",
                "Ask for fewer rows or columns, or for a summary with GROUP BY.",
            )


class Answer(Iterator[pa.RecordBatch]):
    """The rows of a query, each batch once, when it is asked for; the worker waits meanwhile.

    Raises
    ------
    PortalError
        When the next rows are asked for: the worker met one, a limit was met, or the query was stopped.
    """

    def __init__(
        self, output: IO[bytes], allowance: Allowance, watch: Watch, megabytes: int, ended: Callable[[], PortalError]
    ) -> None:
        self.said: dict[str, Any] | None = None
        """The worker's last words; None before them."""
        self._output = output
        self._allowance = allowance
        self._watch = watch
        self._weight = Weight(megabytes)
        self._ended = ended
        self._schema: pa.Schema | None = None

    @property
    def seconds(self) -> float:
        """How long its rows were waited for."""
        return self._watch.passed

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the rows."""
        if self._schema is None:
            with self.waiting():
                kind, content = self._frame()
                if kind == frames.WORDS:
                    self._end(content)
                if kind != frames.SCHEMA:
                    raise frames.BrokenChannel
                self._schema = read_schema(content)
        return self._schema

    def __next__(self) -> pa.RecordBatch:
        """Give the next rows."""
        schema = self.schema
        if self.said is not None:
            raise StopIteration
        with self.waiting():
            kind, content = self._frame()
            if kind == frames.ROWS:
                self._weight.add(len(content))
                return read_batch(content, schema)
            if kind != frames.WORDS:
                raise frames.BrokenChannel
            self._end(content)
        raise StopIteration

    def table(self) -> pa.Table:
        """Give all rows that are left."""
        return pa.Table.from_batches(list(self), schema=self.schema)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the block as time for the answer, and give a broken channel the reason why it broke."""
        try:
            with self._watch.waiting():
                yield
        except BROKEN as error:
            self._allowance.stop.check()
            raise self._late() or self._ended() from error

    def _late(self) -> TookTooLong | None:
        if self._watch.over == "answer":
            return self._allowance.late()
        if self._watch.over == "taker":
            return TookTooLong("The query was stopped: nobody took its rows any more.", "Read them as they come.")
        return None

    def _frame(self) -> tuple[bytes, bytes]:
        found = frames.read(self._output, WORDS_BYTES, self._weight.megabytes * 1_000_000 + FRAME_BYTES)
        if self._watch.over:
            raise frames.BrokenChannel
        return found

    def _end(self, content: bytes) -> None:
        self.said = frames.words(content)
        if (code := self.said.get("error")) is not None:
            kind = ERRORS.get(str(code), Unavailable)
            raise kind(shown(self.said.get("message")), shown(self.said.get("remedy")))


def shown(said: object) -> str:
    """Give words of a worker as a user may see them."""
    return str(said or "")[:SHOWN_CHARACTERS].encode(errors="replace").decode()
