"""The process that runs queries: `python -I -m uraniborg_portal.engine.worker ORDER`; DuckDB never sees it unsandboxed.

ORDER is a file of JSON. It reads queries as frames from standard input, one after another, and writes frames to
standard output. It ends when standard input does. Nothing that it says is pickled, and the portal trusts none of it.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from uraniborg_portal.engine import frames, sandbox
from uraniborg_portal.errors import BadParameter, PortalError, TooLarge

if TYPE_CHECKING:
    import pyarrow as pa

    from uraniborg_portal.engine.duckdb import LockedDatabase

LOG = logging.getLogger(__name__)
MOST = 1 << 40
"""Bytes in a frame of the portal's, which is trusted."""
Asked = tuple[dict[str, Any], dict[str, bytes]]
"""What is asked, and by their names the frames that came with it: tables that a query names, a file to read."""
MOST_COLUMNS = 2_000
"""Columns of an uploaded table."""
MOST_ROWS = 100_000
"""Rows of a file that are sent together."""
TOGETHER, SOON = 4_000_000, 0.1
"""Bytes of rows that are sent together, unless they take longer than so many seconds to come."""
NICE = 10
"""By how much scans stand back behind queries that somebody waits for."""
GIVEN = "given"
"""The name of a file that is read, in this process's folder."""


def main(order: dict[str, Any]) -> None:
    """Enter the sandbox, open the database, and answer until standard input ends."""
    asking, answering = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints is never among the answers.
    os.dup2(2, 1)
    try:
        if order["scans"]:
            os.nice(NICE)
        if order["reads"]:
            sandbox.limit_memory(order["reading_megabytes"])
        confine(order)
        # Not before: DuckDB starts threads, which would stay free.
        database = None if order["reads"] else opened(order)
    except OSError as error:
        frames.write_words(answering, ready=False, why=str(error))
        return
    frames.write_words(answering, ready=True)
    queries: queue.SimpleQueue[Asked] = queue.SimpleQueue()
    threading.Thread(target=listen, args=(asking, queries), daemon=True).start()
    while True:
        asked, content = queries.get()
        if database:
            answer(database, asked, content, answering)
        else:
            read(content[GIVEN], asked["types"], answering)


def confine(order: dict[str, Any]) -> None:
    """Enter the sandbox, if the order says so."""
    if order["sandboxed"]:
        sandbox.limit_sizes(order["spill_megabytes"])
        sandbox.enter([Path(folder) for folder in order["folders"]], Path(order["spill"]))


def opened(order: dict[str, Any]) -> LockedDatabase:
    """Open the database; what Arrow reads without it is read on as many processors."""
    import pyarrow as pa

    from uraniborg_portal.engine.duckdb import THREADS, LockedDatabase

    folders, spill = [Path(folder) for folder in order["folders"]], Path(order["spill"])
    threads = 1 if order["scans"] else THREADS
    pa.set_cpu_count(threads)
    return LockedDatabase(
        folders, memory=order["memory"], spill=spill, spill_megabytes=order["spill_megabytes"], threads=threads
    )


def listen(asking: IO[bytes], queries: queue.SimpleQueue[Asked]) -> None:
    """Take queries; end this process with the portal, even in the middle of an answer."""
    try:
        while True:
            asked = frames.words(frames.read(asking, MOST)[1])
            queries.put((asked, {name: frames.read(asking, MOST)[1] for name in asked["frames"]}))
    except frames.BrokenChannel:
        os._exit(0)


def answer(database: LockedDatabase, query: dict[str, Any], tables: dict[str, bytes], answering: IO[bytes]) -> None:
    """Write the rows of a query, or the error that it met, then whether the database can answer more."""
    from uraniborg_portal.engine.arrow import read_table
    from uraniborg_portal.engine.statement import statement_of

    given = {name: read_table(content) for name, content in tables.items()}
    try:
        with database.answer(statement_of(query), given) as rows:
            known = rows.schema
            wanted = of_types(known)
            batches = rows if wanted is known else (batch.cast(wanted) for batch in rows)
            write_rows(answering, wanted, batches)
    except PortalError as error:
        frames.write_words(answering, **error.as_json(), broken=database.broken)
    else:
        frames.write_words(answering, error=None, broken=False)


def read(content: bytes, types: dict[str, str], answering: IO[bytes]) -> None:
    """Write the rows of a file of any known format, then what it says of its columns, or what is wrong with it.

    The texts of a CSV file are read by `types`, Arrow's names of them by columns in lower case.
    """
    import pyarrow as pa

    from uraniborg_portal.catalogs.read import read_files
    from uraniborg_portal.catalogs.readers import csv

    given = Path(GIVEN)
    given.write_bytes(content)
    # What no first bytes tell is CSV.
    named = given.rename(f"{GIVEN}{csv.SUFFIXES[0]}")
    try:
        source = read_files((named,), types={name: pa.type_for_alias(kind) for name, kind in types.items()})
        check(source.table)
        write_rows(answering, source.table.schema.remove_metadata(), source.table.to_batches(max_chunksize=MOST_ROWS))
    except PortalError as error:
        said = error.as_json() | {"message": error.message.replace(str(named), "The file")}
        frames.write_words(answering, **said, broken=False)
    except (MemoryError, pa.ArrowMemoryError):
        message = "The file needs more memory than there is for one that is uploaded."
        frames.write_words(answering, error=TooLarge.code, message=message, remedy="Send fewer rows.", broken=False)
    except Exception as error:
        # Readers of four formats, given anything: each has errors of its own.
        LOG.exception("a file that can't be read")
        message = f"The file can't be read: {type(error).__name__}."
        frames.write_words(answering, error=BadParameter.code, message=message, broken=False)
    else:
        notes = {name: asdict(note) for name, note in source.notes.items()}
        frames.write_words(answering, error=None, broken=False, notes=notes, left_out=source.left_out)


def check(table: pa.Table) -> None:
    """Let pass a table that queries can read.

    Raises
    ------
    BadParameter
        It has no column, too many, or texts that are none.
    """
    import pyarrow as pa

    if not 0 < table.num_columns <= MOST_COLUMNS:
        raise BadParameter(
            f"The file has {table.num_columns:,} columns that a query can read; accepted: 1 to {MOST_COLUMNS:,}.",
            "Arrays, structures and bytes are none.",
        )
    try:
        table.validate(full=True)
    except pa.ArrowInvalid as error:
        raise BadParameter("The file holds texts that are not UTF-8.", "Write them in UTF-8.") from error


def of_types(schema: pa.Schema) -> pa.Schema:
    """Give names and types with one for every column: DuckDB knows none of nothing but NULL, which takes no bytes."""
    import pyarrow as pa

    if not any(map(pa.types.is_null, schema.types)):
        return schema
    return pa.schema([field.with_type(pa.int8()) if pa.types.is_null(field.type) else field for field in schema])


def write_rows(answering: IO[bytes], schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """Write rows: their names and types, and then batch by batch, each as soon as it is there."""
    frames.write(answering, frames.SCHEMA, memoryview(schema.serialize()))
    for batch in gathered(batches):
        frames.write(answering, frames.ROWS, memoryview(batch.serialize()))
        answering.flush()


def gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give the same rows in fewer batches: what takes rows has work to do for each batch.

    The first rows are given as they come, and no row waits longer than until a batch comes `SOON` later.
    """
    waiting: list[pa.RecordBatch] = []
    last = 0.0
    for batch in batches:
        waiting.append(batch)
        # The clock costs less than the size of some hundred columns.
        if time.monotonic() > last + SOON or sum(each.nbytes for each in waiting) >= TOGETHER:
            yield joined(waiting)
            waiting, last = [], time.monotonic()
    if waiting:
        yield joined(waiting)


def joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """Give the rows of some batches in one; of one batch it is this one."""
    import pyarrow as pa

    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_bytes()))
