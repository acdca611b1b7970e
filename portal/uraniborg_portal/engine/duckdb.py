"""DuckDB in process, locked: it reads the folders of the catalogs, and nothing else, and no setting can be changed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from uraniborg_portal.engine.functions import add_functions
from uraniborg_portal.errors import PortalError, QueryRefused, TookTooLong, TooLarge, Unavailable
from uraniborg_portal.settings import QueryLimits

THREADS = 2
BATCH = 20_000
"""Rows that are taken from DuckDB at once."""


class LockedDatabase:
    """A database without tables of its own that may read some folders; safe to share between threads."""

    def __init__(self, folders: frozenset[Path], limits: QueryLimits) -> None:
        self.folders = folders
        self.limits = limits
        self.broken = False
        """Whether DuckDB met a fault of its own, after which it may answer nothing more."""
        self._connection = duckdb.connect(":memory:", config={"threads": THREADS, "memory_limit": limits.memory})
        add_functions(self._connection)
        # The order matters: after the lock nothing can be set, and after external access is off no folder can be added.
        self._connection.execute("SET autoinstall_known_extensions = false")
        self._connection.execute("SET autoload_known_extensions = false")
        self._connection.execute("SET python_enable_replacements = false")
        self._connection.execute("SET temp_directory = ''")
        # DuckDB 2.0.0 fails inside ("file_index") on some LIMIT queries over Parquet with this optimizer.
        self._connection.execute("SET disabled_optimizers = 'late_materialization'")
        self._connection.execute("SET allowed_directories = ?", [sorted(f"{folder}/" for folder in folders)])
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def run(self, sql: str, views: Mapping[str, pa.Table]) -> pa.Table:
        """Give the rows of a query; `views` are tables in memory that it may name.

        Raises
        ------
        TookTooLong
            The time limit passed.
        TooLarge
            The memory limit was met, or the result is larger than its own limit.
        QueryRefused
            A value can't be computed (a number out of range, a text that is no number).
        """
        with self._cursor() as cursor, self._time_limit(cursor) as passed, spoken(passed, self.limits):
            for name, table in views.items():
                cursor.register(name, table)
            try:
                return self._whole(cursor.sql(sql).to_arrow_reader(BATCH))
            except (duckdb.InternalException, duckdb.FatalException):
                self.broken = True
                raise

    def _whole(self, reader: pa.RecordBatchReader) -> pa.Table:
        batches, size = [], 0
        for batch in reader:
            size += batch.nbytes
            if size > self.limits.result_megabytes * 1_000_000:
                raise TooLarge(
                    f"The result is larger than {self.limits.result_megabytes:,} MB, the most that one query gives.",
                    "Ask for fewer rows or columns, or for a summary with GROUP BY.",
                )
            batches.append(batch)
        return pa.Table.from_batches(batches, schema=reader.schema)

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    @contextmanager
    def _time_limit(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[threading.Event]:
        passed = threading.Event()

        def stop() -> None:
            passed.set()
            cursor.interrupt()

        timer = threading.Timer(self.limits.seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            yield passed
        finally:
            timer.cancel()

    def close(self) -> None:
        """Give back what the database holds."""
        self._connection.close()


@contextmanager
def spoken(passed: threading.Event, limits: QueryLimits) -> Iterator[None]:
    """Raise the engine's errors as ours."""
    try:
        yield
    except duckdb.Error as error:
        raise as_portal_error(error, passed.is_set(), limits) from error


def as_portal_error(error: duckdb.Error, passed: bool, limits: QueryLimits) -> PortalError:
    """Give our error of one of DuckDB's; its own words name files and are not shown, but for values."""
    if passed or isinstance(error, duckdb.InterruptException):
        remedy = "Ask for a smaller part of the sky, fewer rows, or a simpler query."
        return TookTooLong(f"The query was stopped after {limits.seconds:g} s.", remedy)
    if isinstance(error, duckdb.OutOfMemoryException):
        remedy = "Ask for fewer rows or columns, or without ORDER BY and GROUP BY over many values."
        return TooLarge(f"The query needs more memory than its limit of {limits.memory}.", remedy)
    if isinstance(error, duckdb.IOException):
        return Unavailable("The files of a catalog can't be read.", "Check them: uraniborg catalog check NAME.")
    if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException | duckdb.InvalidInputException):
        return QueryRefused(
            "A value of the query is out of range, or a text is no number.", "Check CAST and arithmetic."
        )
    return QueryRefused("The query can't be answered in this form.", "Write it in a simpler way.")
