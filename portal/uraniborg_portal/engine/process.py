"""One query worker as the portal holds it: start it, ask it, end it."""

from __future__ import annotations

import contextlib
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
from uraniborg_portal.engine.arrow import read_batch, read_schema, written_table
from uraniborg_portal.engine.worker import GIVEN
from uraniborg_portal.errors import BadParameter, PortalError, QueryRefused, TookTooLong, TooLarge, Unavailable
from uraniborg_portal.settings import QueryLimits

LOG = logging.getLogger(__name__)
COMMAND = (sys.executable, "-I", "-m", "uraniborg_portal.engine.worker")
"""Isolated: neither the environment nor the working directory adds code to it."""
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
"""All of its environment; the portal's own holds secrets."""
STARTING_SECONDS = 60.0
"""A worker that has not said that it is ready after this is stuck; it takes less than one on an idle machine."""
WORDS_BYTES = 1_000_000
"""Longest frame of JSON, or of names and types, that is read."""
READING_MEGABYTES, READING_TIMES = 500, 3
"""Memory of a process that reads a file, MB: for itself, and how often the largest result that there may be."""
BATCH_BYTES = 10_000
"""What rows that come together count for at least: an empty batch takes memory, too."""
SHOWN_CHARACTERS = 1000
"""Longest sentence of a worker."""
ERRORS: dict[str, type[PortalError]] = {kind.code: kind for kind in (BadParameter, QueryRefused, TooLarge, Unavailable)}
"""What a worker may raise here."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a worker is told at its start."""

    folders: frozenset[Path]
    """What it may read."""
    spill: Path
    """Where it gets a folder of its own to write to."""
    sandboxed: bool
    limits: QueryLimits


class WorkerProcess:
    """A process that answers one query after another, or `reads` one file. Not to be shared between threads."""

    def __init__(self, order: Order, *, reads: bool = False) -> None:
        self.order = order
        self._reads = reads
        self.usable = True
        """Whether another query may be asked."""
        self._ready = False
        try:
            order.spill.mkdir(parents=True, exist_ok=True)
            self._folder = Path(tempfile.mkdtemp(prefix="query-", dir=order.spill))
            # Held as long as this process lives: a folder that nobody holds was left by one that was killed.
            self._held = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._held, fcntl.LOCK_EX)
        except OSError as error:
            raise Unavailable(f"{order.spill} can't be written: {error.strerror}.", "Make room on the disk.") from error
        try:
            self._process = self._started()
        except OSError as error:
            os.close(self._held)
            shutil.rmtree(self._folder, ignore_errors=True)
            raise Unavailable(f"No process can be started: {error.strerror}.", "Ask again in a minute.") from error
        # Popen opens both, and its type says that it may not have.
        self._input, self._output = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)

    def _started(self) -> subprocess.Popen[bytes]:
        order = {
            "folders": sorted(str(folder) for folder in self.order.folders),
            "spill": str(self._folder),
            "spill_megabytes": self.order.limits.spill_megabytes,
            "memory": self.order.limits.memory,
            "sandboxed": self.order.sandboxed,
            "reads": self._reads,
            "reading_megabytes": READING_MEGABYTES + READING_TIMES * self.order.limits.result_megabytes,
        }
        told = self._folder / "order.json"
        told.write_text(json.dumps(order))
        # Whatever it prints would be its own to forge: nothing of it reaches a log.
        return subprocess.Popen(
            (*COMMAND, str(told)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=ENVIRONMENT, cwd=self._folder, process_group=0,
        )  # fmt: skip

    def run(self, sql: str, tables: Mapping[str, pa.Table], allowance: Allowance) -> pa.Table:
        """Give the rows of a query; `tables` are in memory, and it may name them.

        Raises
        ------
        PortalError
            As `read` has it; QueryRefused where a value can't be computed.
        """
        return self._asked({"sql": sql}, {name: written_table(table) for name, table in tables.items()}, allowance)[0]

    def read(self, content: bytes, allowance: Allowance) -> tuple[pa.Table, dict[str, Any]]:
        """Give the rows of a file, and what else it says: `notes` on its columns by name, and columns `left_out`.

        What it says is as little believed as its rows. The process is not to be used again: a file is more than SQL.

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
            return self._asked({"read": True}, {GIVEN: content}, allowance)
        finally:
            self.usable = False

    def _asked(
        self, asked: dict[str, object], given: Mapping[str, bytes | pa.Buffer], allowance: Allowance
    ) -> tuple[pa.Table, dict[str, Any]]:
        self._wait_until_ready()
        # Until it has said its last word on this query: what it says after that would be taken for the next answer.
        self.usable = False
        with self._killed_after(allowance.seconds) as passed, allowance.stop.ended_by(self.kill):
            try:
                self._say(**asked, frames=list(given))
                for content in given.values():
                    frames.write(self._input, frames.GIVEN, memoryview(content))
                self._input.flush()
                answer = self._answer(self.order.limits.result_megabytes, passed)
            except (frames.BrokenChannel, OSError, pa.ArrowException) as error:
                allowance.stop.check()
                if passed.is_set():
                    stopped = f"The query was stopped after {allowance.seconds:g} s."
                    raise TookTooLong(stopped, allowance.remedy) from error
                raise self._ended() from error
        # The limit may have passed with the last word.
        self.usable = self.usable and not passed.is_set()
        return answer

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process at once; who waits for its answer is told."""
        self._process.kill()

    def close(self) -> None:
        """End the process at once, with all that it has written."""
        self.usable = False
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
        self.usable = False
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

    def _answer(self, megabytes: int, passed: threading.Event) -> tuple[pa.Table, dict[str, Any]]:
        most = megabytes * 1_000_000
        schema, batches, size = None, [], 0
        while not passed.is_set():
            kind, content = frames.read(self._output, WORDS_BYTES, most + WORDS_BYTES)
            if kind == frames.WORDS:
                said = frames.words(content)
                self._check_end(said)
                if schema is None:
                    raise frames.BrokenChannel
                return pa.Table.from_batches(batches, schema=schema), said
            if kind == frames.SCHEMA and schema is None:
                schema = read_schema(content)
            elif kind == frames.ROWS and schema is not None:
                size += len(content) + BATCH_BYTES
                if size > most + BATCH_BYTES:
                    raise TooLarge(
                        f"The result is larger than {megabytes:,} MB, the most that one query gives.",
                        "Ask for fewer rows or columns, or for a summary with GROUP BY.",
                    )
                batches.append(read_batch(content, schema))
            else:
                raise frames.BrokenChannel
        raise frames.BrokenChannel

    def _check_end(self, said: dict[str, Any]) -> None:
        self.usable = said.get("broken") is False
        if (code := said.get("error")) is not None:
            kind = ERRORS.get(str(code), Unavailable)
            raise kind(shown(said.get("message")), shown(said.get("remedy")))

    @contextmanager
    def _killed_after(self, seconds: float) -> Iterator[threading.Event]:
        passed = threading.Event()

        def stop() -> None:
            passed.set()
            self._process.kill()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            yield passed
        finally:
            timer.cancel()

    def _say(self, **words: object) -> None:
        frames.write_words(self._input, **words)

    def _words(self) -> dict[str, Any]:
        kind, content = frames.read(self._output, WORDS_BYTES)
        if kind != frames.WORDS:
            raise frames.BrokenChannel
        return frames.words(content)

    def _ended(self) -> Unavailable:
        self._process.kill()
        LOG.warning("a query worker ended before it had answered, with code %s", self._process.wait())
        return Unavailable(
            "The process that answered the query ended before it had.",
            "Ask again; if it happens again, ask for fewer rows or columns, or in a simpler way.",
        )


def shown(said: object) -> str:
    """Give words of a worker as a user may see them."""
    return str(said or "")[:SHOWN_CHARACTERS].encode(errors="replace").decode()
