"""The rows of a query as they come from its worker, and where they wait that are to be read twice."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO

import pyarrow as pa

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.arrow import schema
from uraniborg_portal.engine.models import Cone, Rows
from uraniborg_portal.errors import Unavailable


@dataclass(kw_only=True)
class QueryStream:
    """The rows of one query as they come; who has it closes it. Threads may take turns with it.

    A batch comes when it is asked for: until then the worker waits, and no more than that batch is in memory.
    """

    columns: tuple[Column, ...]
    adql: str
    """The query as given."""
    epoch: float | None
    """Julian year of the positions in the result; None where there are none, or they have no epoch."""
    notes: tuple[str, ...]
    """Sentences that a reader of the result should see."""
    cone: Cone | None
    """The cone that the query asked for; None where it asked for none, or for several."""
    source: Iterator[pa.RecordBatch]
    """The rows in the columns' types, at least one more than `most` where there are more."""
    most: int
    """Rows that are given at most."""
    spill: Path
    """Where rows wait that are to be read twice: a folder on this machine."""
    end: Callable[[], None]
    """Gives back what the rows come from."""
    overflow: bool = field(default=False, init=False)
    """True where more rows exist than the limit let through; known once the rows have ended."""
    rows: int | None = field(default=None, init=False)
    """How many there are; None until they have ended."""

    def __enter__(self) -> QueryStream:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give the rows, once.

        Raises
        ------
        QueryRefused, QueryStopped, TookTooLong, TooLarge, Unavailable
            A value can't be computed, or a limit was met; the rows before were good.
        """
        given = 0
        # With no row asked for none is looked for: whether there are some is not known.
        more = self.most == 0
        for batch in self.source:
            left = self.most - given
            more = more or batch.num_rows > left
            if left and batch.num_rows:
                given += min(left, batch.num_rows)
                yield batch.slice(0, left)
        self.overflow, self.rows = more, given
        self.close()

    def table(self) -> pa.Table:
        """Give all rows."""
        return pa.Table.from_batches(list(self.batches()), schema=schema(self.columns))

    @contextmanager
    def repeatable(self) -> Iterator[Rows]:
        """Let the rows wait in a file without a name, which goes with the block.

        Raises
        ------
        Unavailable
            The disk does not take them.
        QueryRefused, QueryStopped, TookTooLong, TooLarge
            As `batches` has it.
        """
        with ExitStack() as held:
            try:
                self.spill.mkdir(parents=True, exist_ok=True)
                file = held.enter_context(waiting_room(self.spill))
                with pa.ipc.new_stream(pa.PythonFile(file, mode="w"), schema(self.columns)) as writer:
                    for batch in self.batches():
                        writer.write_batch(batch)
                file.flush()
            except OSError as error:
                raise Unavailable(f"The rows can't wait on the disk: {error.strerror}.", "Ask for fewer.") from error
            yield _Waiting(stream=self, file=file)

    def close(self) -> None:
        """Give up the rows that were not taken, and give back the worker; it may be closed twice."""
        self.end()


@contextmanager
def waiting_room(folder: Path) -> Iterator[IO[bytes]]:
    """Give a file without a name, which goes with the block."""
    with tempfile.TemporaryFile(dir=folder) as file:
        try:
            yield file
        finally:
            # What a full disk has not taken is not missed: written again as the file is closed, it would fail again.
            file.raw.close()


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    """Rows in a file, which are taken by one reader at a time."""

    stream: QueryStream
    file: IO[bytes]

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.stream.columns

    @property
    def adql(self) -> str:
        return self.stream.adql

    @property
    def epoch(self) -> float | None:
        return self.stream.epoch

    @property
    def notes(self) -> tuple[str, ...]:
        return self.stream.notes

    @property
    def cone(self) -> Cone | None:
        return self.stream.cone

    @property
    def rows(self) -> int | None:
        return self.stream.rows

    @property
    def overflow(self) -> bool:
        return self.stream.overflow

    def batches(self) -> Iterator[pa.RecordBatch]:
        self.file.seek(0)
        yield from pa.ipc.open_stream(pa.PythonFile(self.file, mode="r"))

    def repeatable(self) -> AbstractContextManager[Rows]:
        return nullcontext(self)

    def close(self) -> None:
        self.stream.close()
