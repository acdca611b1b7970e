"""One query worker as the portal holds it: start it, ask it, end it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa

from uraniborg_portal.engine import frames
from uraniborg_portal.engine.allowance import Allowance
from uraniborg_portal.engine.answer import WORDS_BYTES, Answer
from uraniborg_portal.engine.arrow import written_table
from uraniborg_portal.engine.statement import Statement
from uraniborg_portal.engine.watch import Watch
from uraniborg_portal.engine.worker import GIVEN
from uraniborg_portal.errors import Unavailable, WorkerLost
from uraniborg_portal.settings import QueryLimits

LOG = logging.getLogger(__name__)
COMMAND = (sys.executable, "-I", "-m", "uraniborg_portal.engine.worker")
"""Isolated: neither the environment nor the working directory adds code to it."""
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
"""Its environment, besides a home, for which libraries look; the portal's own holds secrets."""
SCANNING = {
    "MALLOC_TRIM_THRESHOLD_": "268435456", "MALLOC_MMAP_THRESHOLD_": "33554432", "ARROW_DEFAULT_MEMORY_POOL": "system",
}  # fmt: skip
"""What a process that scans has there, too: it keeps memory from one batch to the next, up to 256 MB.

To give it back and to get it anew, page by page, took a quarter of the time of a cross-match (mallopt(3)).
"""
PIPE_BYTES = 1_048_576
"""What a pipe may hold of an answer: fewer turns of who writes and who reads than by the usual 64 kB."""
STARTING_SECONDS = 60.0
"""A worker that has not said that it is ready after this is stuck; it takes less than one on an idle machine."""
READING_MEGABYTES, READING_TIMES = 500, 3
"""Memory of a process that reads a file, MB: for itself, and how often the largest result that there may be."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a worker is told at its start."""

    folders: frozenset[Path]
    """What it may read."""
    spill: Path
    """Where it gets a folder of its own to write to."""
    sandboxed: bool
    limits: QueryLimits
    scans: bool = False
    """Whether it answers steps of scans: on one processor, and when nobody else wants that."""


class WorkerProcess:
    """A process that answers one query after another, or `reads` one file. Not to be shared between threads."""

    def __init__(self, order: Order, *, reads: bool = False) -> None:
        self.order = order
        self._reads = reads
        self._whole = True
        self._killed = False
        self._ready = False
        try:
            order.spill.mkdir(parents=True, exist_ok=True)
            self._folder = Path(tempfile.mkdtemp(prefix="query-", dir=order.spill))
            # Held as long as this process lives: a folder that nobody holds was left by one that was killed.
            self._held = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._held, fcntl.LOCK_EX)
        except OSError as error:
            raise unwritable(order.spill, error) from error
        try:
            self._process = self._started()
        except OSError as error:
            os.close(self._held)
            shutil.rmtree(self._folder, ignore_errors=True)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise unwritable(order.spill, error) from error
            raise Unavailable(f"No process can be started: {error.strerror}.", "Ask again in a minute.") from error
        # Popen opens both, and its type says that it may not have.
        self._input, self._output = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)

    def _started(self) -> subprocess.Popen[bytes]:
        order = {
            # Who reads what somebody sent needs nothing of what is here.
            "folders": [] if self._reads else sorted(str(folder) for folder in self.order.folders),
            "spill": str(self._folder),
            "spill_megabytes": self.order.limits.spill_megabytes,
            "memory": self.order.limits.memory,
            "scans": self.order.scans,
            "sandboxed": self.order.sandboxed,
            "reads": self._reads,
            "reading_megabytes": READING_MEGABYTES + READING_TIMES * self.order.limits.result_megabytes,
        }
        told = self._folder / "order.json"
        told.write_text(json.dumps(order))
        environment = ENVIRONMENT | (SCANNING if self.order.scans else {}) | {"HOME": str(self._folder)}
        # Whatever it prints would be its own to forge: nothing of it reaches a log.
        started = subprocess.Popen(
            (*COMMAND, str(told)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=environment, cwd=self._folder, process_group=0,
        )  # fmt: skip
        if started.stdout and self.order.scans:
            # A user who has many pipes gets no larger ones.
            with contextlib.suppress(OSError):
                fcntl.fcntl(started.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        return started

    @contextmanager
    def rows(self, statement: Statement, tables: Mapping[str, pa.Table], allowance: Allowance) -> Iterator[Answer]:
        """Give the rows of a query as they come; it may name `tables`, which are in memory.

        The process is usable again only where they were taken to their end.

        Raises
        ------
        PortalError
            As `read` has it; QueryRefused where a value can't be computed.
        """
        given = {name: written_table(table) for name, table in tables.items()}
        with self._asked(statement.as_json(), given, allowance) as answer:
            yield answer

    @contextmanager
    def file(self, content: frames.Bytes, types: Mapping[str, str], allowance: Allowance) -> Iterator[Answer]:
        """Give the rows of a file as they come, and then what it says: `notes` on its columns, and columns `left_out`.

        What it says is as little believed as its rows. The process is not to be used again: a file is more than SQL.
        `types` are Arrow types of columns by their names in lower case, by which the texts of a CSV file are read.

        Raises
        ------
        BadParameter
            It is of no known format, or broken.
        QueryStopped
            It was stopped; the process has ended with all that it did.
        TookTooLong
            The time limit passed; the process has ended with all that it did.
        TooLarge
            A limit was met.
        Unavailable
            The process ended, or could not start.
        """
        try:
            with self._asked({"types": dict(types)}, {GIVEN: content}, allowance) as answer:
                yield answer
        finally:
            self._whole = False

    @contextmanager
    def _asked(
        self, asked: Mapping[str, object], given: Mapping[str, frames.Bytes | pa.Buffer], allowance: Allowance
    ) -> Iterator[Answer]:
        self._wait_until_ready()
        # Until it has said its last word on this query: what it says after that would be taken for the next answer.
        self._whole = False
        limits = self.order.limits
        watch = Watch(allowance.seconds - allowance.passed, limits.stalled_seconds, self.kill)
        answer = Answer(self._output, allowance, watch, limits.result_megabytes, self._ended)
        with allowance.stop.ended_by(self.kill):
            try:
                with answer.waiting():
                    self._say(**asked, frames=list(given))
                    for content in given.values():
                        frames.write(self._input, frames.GIVEN, memoryview(content))
                    self._input.flush()
                yield answer
            finally:
                watch.close()
                # A limit may have passed with the last word.
                self._whole = (answer.said or {}).get("broken") is False and not watch.over

    @property
    def usable(self) -> bool:
        """Whether another query may be asked: it has said its last word on the one before, and nobody has ended it."""
        # A query may be stopped between its last word and the end of its block: the process lives on for a moment.
        return self._whole and not self._killed

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process at once; who waits for its answer is told."""
        self._killed = True
        self._process.kill()

    def close(self) -> None:
        """End the process at once, with all that it has written."""
        self._whole = False
        self._process.kill()
        self._process.wait()
        for pipe in (self._input, self._output):
            # What was not sent to it is lost with it.
            with contextlib.suppress(OSError):
                pipe.close()
        os.close(self._held)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait_until_ready(self) -> None:
        if self._ready:
            return
        self._whole = False
        try:
            with self._killed_after(STARTING_SECONDS):
                said = self._words()
        except (frames.BrokenChannel, OSError) as error:
            raise self._ended() from error
        if not said.get("ready"):
            LOG.error("a query worker could not enter its sandbox: %.500r", said.get("why"))
            remedy = "The operator finds more in the portal's log, and by `uraniborg doctor`."
            raise Unavailable("Queries can't be answered: the sandbox that they run in could not be entered.", remedy)
        self._ready = True

    @contextmanager
    def _killed_after(self, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, self.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _say(self, **words: object) -> None:
        frames.write_words(self._input, **words)

    def _words(self) -> dict[str, Any]:
        kind, content = frames.read(self._output, WORDS_BYTES)
        if kind != frames.WORDS:
            raise frames.BrokenChannel
        return frames.words(content)

    def _ended(self) -> WorkerLost:
        self._process.kill()
        LOG.warning("a query worker ended before it had answered, with code %s", self._process.wait())
        return WorkerLost(
            "The process that answered the query ended before it had.",
            "Ask again; if it happens again, ask for fewer rows or columns, or in a simpler way.",
        )


def unwritable(folder: Path, error: OSError) -> Unavailable:
    """Give the error of a folder that takes nothing."""
    return Unavailable(f"{folder} can't be written: {error.strerror}.", "Make room on the disk.")
