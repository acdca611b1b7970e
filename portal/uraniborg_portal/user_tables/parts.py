"""The files of users' tables, in the portal's files; where those are elsewhere, copies of them on this machine."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from uraniborg_portal.errors import Unavailable
from uraniborg_portal.storage import Storage, failures
from uraniborg_portal.user_tables.models import Part, UserTable

FOLDER = "user_tables"
FILE = "part.parquet"
INCOMING = ".incoming-"
"""How folders begin into which a copy is made."""
LEFT = 3600.0
"""What no table has is removed after this, seconds: until then it may be on its way to one."""


class Parts:
    """One folder for each table, one below it for each part. Query workers read them in `folder`, on this machine."""

    def __init__(self, storage: Storage, copies: Path) -> None:
        self.storage = storage
        self.folder = storage.local(FOLDER) or copies / FOLDER
        """Where query workers find them."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"{self.folder} can't be written: {error.strerror}.", "Make room on the disk.") from error

    @contextmanager
    def making(self) -> Iterator[Path]:
        """Give the path of a file to write, which `keep` takes; it is gone at the end of the block."""
        with self.storage.incoming(FOLDER) as incoming, failures("The rows can't be kept"):
            folder = incoming / "part"
            folder.mkdir()
            yield folder / FILE

    @contextmanager
    def receiving(self) -> Iterator[Path]:
        """Give the path of a file for what a client sends; it is gone at the end of the block."""
        with self.storage.incoming(FOLDER) as incoming:
            yield incoming / "rows"

    def keep(self, table: UserTable, written: Path, rows: int) -> Part:
        """Keep a file that was written, as a part that no table has yet."""
        part = Part(name=secrets.token_hex(8), rows=rows, bytes=written.stat().st_size)
        self.storage.put_folder(written.parent, path_of(table.id, part.name), last=FILE)
        return part

    def files(self, table: UserTable) -> tuple[tuple[Path, int], ...]:
        """Give the files of a table, on this machine, with their rows.

        Raises
        ------
        Unavailable
            The store does not give one.
        """
        return tuple((self._local(path_of(table.id, part.name)), part.rows) for part in table.parts)

    def remove_parts(self, table: UserTable, names: Iterable[str]) -> None:
        """Remove some parts of a table, and its folder where it has no other."""
        for name in names:
            self.storage.remove(path_of(table.id, name))
        here = self.storage.local(f"{FOLDER}/{table.id}")
        if here:
            with suppress(OSError):
                here.rmdir()

    def remove(self, table: UserTable) -> None:
        """Remove all files of a table."""
        self.storage.remove(f"{FOLDER}/{table.id}")
        shutil.rmtree(self.folder / table.id, ignore_errors=True)

    def clean(self, known: Mapping[str, set[str]]) -> None:
        """Remove what no table has, unless it is young: a crash or an index has left it.

        `known` are the names of parts to be kept, by the ids of their tables.
        """
        long_ago = time.time() - LEFT
        for table, changed in self.storage.entries(FOLDER).items():
            if table not in known and changed < long_ago:
                self.storage.remove(f"{FOLDER}/{table}")
        for table, parts in known.items():
            for name, written in self.storage.entries(f"{FOLDER}/{table}").items():
                if name not in parts and written < long_ago:
                    self.storage.remove(path_of(table, name))

    def clean_copies(self, known: Mapping[str, set[str]]) -> None:
        """Remove the copies on this machine of what no table has."""
        if self.storage.folder:
            return
        for table in self.folder.iterdir():
            if table.name.startswith(INCOMING):
                gone = [table] if table.stat().st_mtime < time.time() - LEFT else []
            else:
                kept = known.get(table.name)
                gone = [table] if kept is None else [part for part in table.iterdir() if part.name not in kept]
            for folder in gone:
                shutil.rmtree(folder, ignore_errors=True)

    def _local(self, path: str) -> Path:
        here = self.storage.local(f"{path}/{FILE}")
        if here:
            return here
        copy = self.folder.parent / path / FILE
        if not copy.exists():
            self._fetch(f"{path}/{FILE}", copy)
        return copy

    def _fetch(self, path: str, copy: Path) -> None:
        try:
            size = self.storage.size(path)
            with failures("The table can't be copied to this machine"):
                copy.parent.parent.mkdir(parents=True, exist_ok=True)
                incoming = Path(mkdtemp(prefix=INCOMING, dir=self.folder))
                with (incoming / FILE).open("wb") as file:
                    for piece in self.storage.pieces(path, 0, size):
                        file.write(piece)
        except FileNotFoundError as error:
            raise Unavailable("A file of the table is gone.", "Ask again; it may have been removed.") from error
        try:
            incoming.rename(copy.parent)
        except OSError:
            # Another request was faster.
            shutil.rmtree(incoming, ignore_errors=True)


def path_of(table: str, part: str) -> str:
    """Give the folder of a part in the portal's files."""
    return f"{FOLDER}/{table}/{part}"
