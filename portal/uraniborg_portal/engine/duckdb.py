"""DuckDB, locked: it reads the folders of the catalogs, and nothing else, and no setting can be changed."""

from __future__ import annotations

import errno
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from uraniborg_portal.engine.fetched import OpenFiles, fetched, shown_rows
from uraniborg_portal.engine.fetching import NUMBER
from uraniborg_portal.engine.functions import add_functions
from uraniborg_portal.engine.joined import joined_rows
from uraniborg_portal.engine.joining import PAIR
from uraniborg_portal.engine.matched import matched
from uraniborg_portal.engine.selected import selected
from uraniborg_portal.engine.statement import Statement
from uraniborg_portal.errors import PortalError, QueryRefused, TooLarge, Unavailable

THREADS = 2
BATCH = 20_000
"""Rows that are taken from DuckDB at once."""
FULL = os.strerror(errno.ENOSPC)
"""What DuckDB's words end with where its folder's disk is full: it writes to no other."""
KINDS = {
    "Out of Memory Error": duckdb.OutOfMemoryException, "Conversion Error": duckdb.ConversionException,
    "Out of Range Error": duckdb.OutOfRangeException, "Invalid Input Error": duckdb.InvalidInputException,
    "IO Error": duckdb.IOException,
}  # fmt: skip


class LockedDatabase:
    """A database without tables of its own that may read some folders; what memory can't hold goes to `spill`."""

    def __init__(
        self, folders: Iterable[Path], *, memory: str, spill: Path, spill_megabytes: int, threads: int = THREADS
    ) -> None:
        self.memory = memory
        self._files = OpenFiles()
        self.broken = False
        """Whether DuckDB met a fault of its own, after which it may answer nothing more."""
        self._connection = duckdb.connect(":memory:", config={"threads": threads, "memory_limit": memory})
        add_functions(self._connection)
        # The order matters: after the lock nothing can be set, and after external access is off no folder can be added.
        self._connection.execute("SET autoinstall_known_extensions = false")
        self._connection.execute("SET autoload_known_extensions = false")
        self._connection.execute("SET python_enable_replacements = false")
        self._connection.execute("SET temp_directory = ?", [str(spill)])
        self._connection.execute("SET max_temp_directory_size = ?", [f"{spill_megabytes}MB"])
        # DuckDB 2.0.0 fails inside ("file_index") on some LIMIT queries over Parquet with this optimizer.
        self._connection.execute("SET disabled_optimizers = 'late_materialization'")
        self._connection.execute("SET allowed_directories = ?", [sorted(f"{folder}/" for folder in folders)])
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    @contextmanager
    def answer(self, statement: Statement, tables: Mapping[str, pa.Table]) -> Iterator[pa.RecordBatchReader]:
        """Give the rows of a query as they come; `tables` are in memory, and it may name them.

        Tables of its fetching are read before, and then those of its matching made.

        Raises
        ------
        TooLarge
            The memory limit was met, and so was that of the spill folder.
        QueryRefused
            A value can't be computed (a number out of range, a text that is no number).
        Unavailable
            A file of a catalog can't be read.
        """
        try:
            with ExitStack() as held:
                yield self._rows(statement, tables, held)
        except duckdb.Error as error:
            self.broken = isinstance(error, duckdb.InternalException | duckdb.FatalException)
            raise as_portal_error(error, self.memory) from error
        except (pa.ArrowException, OSError) as error:
            # What DuckDB meets once rows flow comes through Arrow, as words that begin with the error's kind.
            kind = next((kind for words, kind in KINDS.items() if words in str(error)), duckdb.Error)
            self.broken = kind is duckdb.Error
            raise as_portal_error(kind(str(error)), self.memory) from error

    def _rows(self, statement: Statement, tables: Mapping[str, pa.Table], held: ExitStack) -> pa.RecordBatchReader:
        """Give the rows of a query; `held` is closed when they were taken."""
        if statement.joining is not None:
            pairs = held.enter_context(closing(self._connection.cursor()))

            def test(found: pa.Table) -> pa.Table:
                pairs.register(PAIR, found)
                return all_rows(pairs, statement.sql)

            return joined_rows(statement.joining, self._files, test)
        read = {each.name: fetched(each, self._files) for each in statement.fetching.tables}
        if statement.selecting is not None:
            (rows,) = read.values()
            numbers = selected(statement.selecting, [part.rows for part in rows.parts], rows.size)
            return shown_rows(rows, pa.table({NUMBER: numbers}), statement.fetching.shown)
        cursor = held.enter_context(closing(self._connection.cursor()))
        for name, table in {**tables, **{name: each.table for name, each in read.items()}}.items():
            cursor.register(name, table)
        for name, table in matched(statement.matching, lambda sql: cursor.sql(sql).to_arrow_table()).items():
            cursor.register(name, table)
        if statement.fetching.shown:
            (rows,) = read.values()
            return shown_rows(rows, all_rows(cursor, statement.sql), statement.fetching.shown)
        return cursor.sql(statement.sql).to_arrow_reader(BATCH)


def all_rows(cursor: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """Give the rows of a query that has few: bound once, where `sql` does it twice to give them as they come."""
    with warnings.catch_warnings():
        # That all rows are there at once is what it warns of.
        warnings.simplefilter("ignore", UserWarning)
        return cursor.execute(sql).to_arrow_table()


def as_portal_error(error: duckdb.Error, memory: str) -> PortalError:
    """Give our error of one of DuckDB's; its own words name files and are not shown."""
    if isinstance(error, duckdb.OutOfMemoryException):
        remedy = "Ask for fewer rows or columns, or without ORDER BY and GROUP BY over many values."
        return TooLarge(f"The query needs more than its {memory} of memory, and more room on the disk.", remedy)
    if isinstance(error, duckdb.IOException) and FULL in str(error):
        return Unavailable("The disk on which queries put what memory can't hold is full.", "Ask for less, or later.")
    if isinstance(error, duckdb.IOException):
        return Unavailable("The files of a catalog can't be read.", "Check them: uraniborg catalog check NAME.")
    if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException | duckdb.InvalidInputException):
        return QueryRefused(
            "A value of the query is out of range, or a text is no number.", "Check CAST and arithmetic."
        )
    return QueryRefused("The query can't be answered in this form.", "Write it in a simpler way.")
