"""Shards of catalogs on other hosts, fetched when they are needed, and kept in a folder of bounded size."""

from __future__ import annotations

import asyncio
import errno
import math
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal.catalogs import validators
from uraniborg_portal.catalogs.in_use import InUse
from uraniborg_portal.catalogs.models import Shard
from uraniborg_portal.catalogs.validators import Validators
from uraniborg_portal.errors import TooLarge, Unavailable
from uraniborg_portal.settings import RemoteCatalogs

INCOMING = ".incoming-"
"""Names of files that are on their way begin with it."""
SAID = ".said-"
"""Names of files begin with it that keep what a host said of a shard, also when that has left."""
COUNT_SECONDS = 60.0
"""After this time the folder is looked at again: other processes may have brought shards."""
STALE_SECONDS = 24 * 3600
"""After this time, a file that is on its way was left by a process that was killed."""


@dataclass(kw_only=True)
class Coming:
    """A shard on its way."""

    future: Future[None]
    wanted: int = 1
    """How many wait for it."""


class ShardCache:
    """The shards that were fetched, below one folder that other processes may share; safe to share between threads.

    A shard that several ask for comes once. Those in use stay; of all others, the ones that were used longest ago make
    room for new ones.
    """

    def __init__(self, folder: Path, limits: RemoteCatalogs) -> None:
        self.folder = folder
        self.limits = limits
        self.in_use = InUse(folder)
        # Taken again by the thread that has it, where a future ends at once.
        self._lock = threading.RLock()
        self._coming: dict[Path, Coming] = {}
        self._sizes: dict[Path, int] = {}
        """Bytes of the files that are on their way."""
        self._total, self._counted = 0, -math.inf
        """Bytes that are kept, and when they were counted last, by the monotonic clock; what came since is added."""
        self._at_once = asyncio.Semaphore(limits.at_once)
        self._loop: asyncio.AbstractEventLoop | None = None

    def fetch(self, shards: Sequence[Shard]) -> Fetch:
        """Have shards come that are not here, and keep all of these until what is given is closed.

        Raises
        ------
        Unavailable
            The folder can't be written.
        """
        try:
            return Fetch(self, {shard.path: shard for shard in shards})
        except OSError as error:
            remedy = "Tell whoever runs this portal."
            raise Unavailable(f"{self.folder} can't be written: {error.strerror or error}.", remedy) from error

    def close(self) -> None:
        """End what is on its way."""
        with self._lock:
            self._coming = {}
            loop, self._loop = self._loop, None
        if loop is not None:
            asyncio.run_coroutine_threadsafe(_ended(), loop)
        self.in_use.close()

    def join(self, shard: Shard) -> Future[None] | None:
        """Wait with others for a shard, or have it come as the first; None where it is here."""
        with self._lock:
            coming = self._coming.get(shard.path)
            if coming is not None:
                coming.wanted += 1
                return coming.future
            try:
                # What was used last leaves last.
                os.utime(shard.path)
            except OSError:
                future = asyncio.run_coroutine_threadsafe(self._fetched(shard), self._running())
                self._coming[shard.path] = Coming(future=future)
                future.add_done_callback(lambda ended: self._forget(shard.path, ended))
                return future
        return None

    def leave(self, path: Path, future: Future[None]) -> None:
        """Wait no longer for a shard; when nobody does, it does not come."""
        with self._lock:
            coming = self._coming.get(path)
            if coming is None or coming.future is not future:
                return
            coming.wanted -= 1
            if not coming.wanted:
                del self._coming[path]
                future.cancel()

    def _forget(self, path: Path, ended: Future[None]) -> None:
        with self._lock:
            if path in self._coming and self._coming[path].future is ended:
                del self._coming[path]

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="shards", daemon=True).start()
        return self._loop

    async def _fetched(self, shard: Shard) -> None:
        # It imports an HTTP client, which takes longer than all else that an ordinary catalog needs.
        from uraniborg_portal.catalogs.remote_files import files_at

        url, _, name = str(shard.url).rpartition("/")
        async with self._at_once, files_at(url) as files:
            with _said(shard), self._incoming(shard.path) as incoming:
                heard = list[Validators]()

                def told(said: Validators) -> None:
                    heard.append(said)
                    _compare(said, shard)
                    self._expect(incoming, said.size)

                await files.copy(name, incoming, told)
                _check(incoming, shard)
                validators.write(heard[-1], _said_of(shard))
                self._total += incoming.stat().st_size
                incoming.replace(shard.path)

    @contextmanager
    def _incoming(self, path: Path) -> Iterator[Path]:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=INCOMING, delete=False) as made:
            incoming = Path(made.name)
        try:
            yield incoming
        finally:
            self._sizes.pop(incoming, None)
            incoming.unlink(missing_ok=True)

    def _expect(self, incoming: Path, size: int) -> None:
        """Make room for a file before it comes.

        Raises
        ------
        TooLarge
            There is none: all that is kept is in use.
        """
        self._sizes[incoming] = size
        coming, most, now = sum(self._sizes.values()), self.limits.megabytes * 1_000_000, time.monotonic()
        if self._total + coming <= most and now - self._counted < COUNT_SECONDS:
            return
        kept = sorted(_kept(self.folder), key=lambda each: each[1])
        self._total, self._counted = sum(each[2] for each in kept), now
        for path, _, bytes_kept in kept:
            if self._total + coming <= most:
                return
            with self.in_use.free(path) as free:
                if free:
                    path.unlink(missing_ok=True)
                    self._total -= bytes_kept
        if self._total + coming > most:
            raise TooLarge(
                f"The query needs more shards of other hosts at once than the {self.limits.megabytes:,} MB that are "
                "kept here of them.",
                "Ask for a smaller part of the sky, or ask again when fewer queries run.",
            )


class Fetch:
    """Shards that are in use, of which some are on their way. Who has it closes it."""

    def __init__(self, cache: ShardCache, shards: dict[Path, Shard]) -> None:
        self._cache = cache
        self._shards = shards
        with ExitStack() as taken:
            for path in shards:
                cache.in_use.take(path)
                taken.callback(cache.in_use.give, path)
            self._taken = taken.pop_all()
        coming = ((path, cache.join(shard)) for path, shard in shards.items())
        self._coming = {path: future for path, future in coming if future is not None}
        self._stopped: Future[None] = Future()

    def wait(self, seconds: float, told: Callable[[int], None] = lambda count: None) -> bool:
        """Wait until all shards are here; False where the time passed before, or it was stopped.

        `told` hears how many more are here, the first time of those that were.

        Raises
        ------
        TooLarge
            There is no room for them.
        Unavailable
            A host does not answer, or what it gives is not the shard.
        """
        until, pending = time.monotonic() + seconds, set(self._coming.values())
        told(len(self._shards) - len(pending))
        while pending:
            left = max(0.0, until - time.monotonic())
            done = wait({*pending, self._stopped}, left, FIRST_COMPLETED).done
            if not done or self._stopped in done:
                return False
            for each in done:
                each.result()
            pending -= done
            told(len(done))
        return True

    def stop(self) -> None:
        """Let nobody wait any longer."""
        if not self._stopped.done():
            self._stopped.set_result(None)

    def close(self) -> None:
        """Let the shards go: those that are here may leave, and those that nobody else waits for don't come."""
        for path, future in self._coming.items():
            self._cache.leave(path, future)
        self._taken.close()


async def _ended() -> None:
    """End all that its loop has to do, and it."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for each in others:
        each.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    asyncio.get_running_loop().stop()


def _kept(folder: Path) -> Iterator[tuple[Path, float, int]]:
    """Give the files that are kept, with the Unix time of their last use and their bytes."""
    for path in folder.rglob("*"):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        if path.name.startswith(INCOMING):
            if time.time() - status.st_mtime > STALE_SECONDS:
                path.unlink(missing_ok=True)
        elif path.suffix:
            yield path, status.st_mtime, status.st_size


def _said_of(shard: Shard) -> Path:
    """Give where is kept what a host said of a shard: no name of what is counted as kept, which has a suffix."""
    return shard.path.with_name(SAID + shard.path.name.partition(".")[0])


def _compare(said: Validators, shard: Shard) -> None:
    """Let pass what may be the file that came the last time, if one did."""
    before = validators.read(_said_of(shard))
    if before is not None and not said.could_be(before):
        raise _changed(f"{shard.url} was changed there since it came here the last time.")


def _check(incoming: Path, shard: Shard) -> None:
    """Let pass a file that is the shard that the catalog's description has."""
    try:
        rows = pq.read_metadata(incoming).num_rows
    except (OSError, pa.ArrowException) as error:
        raise Unavailable(f"{shard.url} is no Parquet file: {str(error).partition(chr(10))[0][:200]}.") from error
    if rows != shard.rows:
        raise _changed(f"{shard.url} has {rows:,} rows, and had {shard.rows:,} when its catalog was added.")


@contextmanager
def _said(shard: Shard) -> Iterator[None]:
    """Say in a sentence what a shard is not here for."""
    try:
        yield
    except FileNotFoundError as error:
        raise _changed(f"{shard.url} is not there any more.") from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "The disk for shards of other hosts is full" if full else f"{shard.path} can't be written"
        raise Unavailable(f"{what}: {error.strerror or error}.", "Tell whoever runs this portal.") from error


def _changed(message: str) -> Unavailable:
    return Unavailable(message, "Whoever runs this portal adds the catalog again, with --replace.")
