"""Results of asynchronous queries in the portal's files: one folder for each job, one below it for each attempt."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from uraniborg_portal.engine.allowance import Stop
from uraniborg_portal.engine.models import Rows
from uraniborg_portal.errors import NotFound
from uraniborg_portal.formats import Format
from uraniborg_portal.storage import Storage, StoredFile, failures
from uraniborg_portal.tap.jobs import meaning
from uraniborg_portal.tap.jobs.models import Kept, TapJob

FOLDER = "tap"
FILE = "result"
LEFT = 86_400.0
"""Files that no job knows of are removed after this, seconds: until then one may still be written, as its rows come."""


class TapResults:
    """The results of all jobs."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def keep(self, job: TapJob, wanted: Format, result: Rows, stop: Stop) -> Kept:
        """Write a result as its rows come; it is there when it is complete.

        Raises
        ------
        QueryStopped
            The job was stopped; nothing is kept, nor if the rows end early.
        Unavailable
            The store is full or refuses.
        """
        with self.storage.incoming(FOLDER) as incoming, failures("The result can't be kept"):
            written = incoming / str(job.attempt)
            written.mkdir()
            with (written / FILE).open("wb") as file:
                for piece in wanted.write(result):
                    stop.check()
                    file.write(piece)
            size = (written / FILE).stat().st_size
            (written / meaning.FILE).write_bytes(meaning.written(result))
            self.storage.put_folder(written, path_of(job), last=FILE)
        return Kept(
            media_type=wanted.media_type, extension=wanted.extension, bytes=size, rows=result.rows or 0,
            overflow=result.overflow,
        )  # fmt: skip

    def discard(self, job: TapJob) -> None:
        """Remove what this attempt wrote."""
        self.storage.remove(path_of(job))

    def file(self, job: TapJob) -> StoredFile:
        """Give the result's file.

        Raises
        ------
        NotFound
            The job has none.
        """
        if job.phase != "COMPLETED" or job.media_type is None:
            raise NotFound(f"This query has no result: it is {job.phase}.", "Its result is there once it is COMPLETED.")
        name = f"result{job.extension}"
        return StoredFile(path=f"{path_of(job)}/{FILE}", media_type=job.media_type, name=name)

    def meaning(self, job: TapJob) -> bytes:
        """Give what a result means beside its rows, as `meaning.written` gave it.

        Raises
        ------
        FileNotFoundError
            It was removed.
        """
        return self.storage.read(f"{path_of(job)}/{meaning.FILE}")

    def keep_uploads(self, job: str, contents: Mapping[str, bytes]) -> None:
        """Keep the tables that came with a query, by their names in small letters; a later one replaces an earlier.

        Raises
        ------
        Unavailable
            The store is full or refuses.
        """
        for name, content in contents.items():
            path = upload_path(job, name)
            self.storage.remove(path)
            with self.storage.incoming(FOLDER) as incoming, failures("The table can't be kept"):
                written = incoming / "upload"
                written.mkdir()
                (written / FILE).write_bytes(content)
                self.storage.put_folder(written, path, last=FILE)

    def uploads(self, job: str, names: Iterable[str]) -> dict[str, bytes]:
        """Give the tables that came with a query and are there, by their names in small letters."""
        found = {}
        for name in names:
            with suppress(FileNotFoundError):
                found[name] = self.storage.read(f"{upload_path(job, name)}/{FILE}")
        return found

    def remove(self, jobs: list[str]) -> None:
        """Remove all that jobs have written."""
        for job in jobs:
            self.storage.remove(f"{FOLDER}/{job}")

    def clean(self, known: Callable[[], set[str]]) -> None:
        """Remove what no job knows of: a crash has left it."""
        found = self.storage.entries(FOLDER)
        kept = known()
        for name, changed in found.items():
            if name not in kept and changed < time.time() - LEFT:
                self.storage.remove(f"{FOLDER}/{name}")


def upload_path(job: str, name: str) -> str:
    """Give the folder of an uploaded table in the portal's files."""
    return f"{FOLDER}/{job}/upload-{name}"


def path_of(job: TapJob) -> str:
    """Give the folder of an attempt in the portal's files."""
    return f"{FOLDER}/{job.id}/{job.attempt}"


def removed() -> NotFound:
    """Give the refusal of a result whose file is gone."""
    return NotFound("The result of this query was removed.", "Run it again.")
