"""The process that runs queries: `python -I -m uraniborg_portal.engine.worker ORDER`; DuckDB never sees it unsandboxed.

ORDER is a file of JSON. It reads queries as frames from standard input, one after another, and writes frames to
standard output. It ends when standard input does. Nothing that it says is pickled, and the portal trusts none of it.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from uraniborg_portal.engine import frames, sandbox
from uraniborg_portal.errors import PortalError

if TYPE_CHECKING:
    from uraniborg_portal.engine.duckdb import LockedDatabase

MOST = 1 << 40
"""Bytes in a frame of the portal's, which is trusted."""
Asked = tuple[dict[str, Any], dict[str, bytes]]
"""A query, and the tables in memory that it names."""


def main(order: dict[str, Any]) -> None:
    """Enter the sandbox, open the database, and answer until standard input ends."""
    asking, answering = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library prints is never among the answers.
    os.dup2(2, 1)
    try:
        database = opened(order)
    except OSError as error:
        frames.write_words(answering, ready=False, why=str(error))
        return
    frames.write_words(answering, ready=True)
    queries: queue.SimpleQueue[Asked] = queue.SimpleQueue()
    threading.Thread(target=listen, args=(asking, queries), daemon=True).start()
    while True:
        answer(database, *queries.get(), answering)


def opened(order: dict[str, Any]) -> LockedDatabase:
    """Enter the sandbox, if the order says so, and open the database in it."""
    folders, spill = [Path(folder) for folder in order["folders"]], Path(order["spill"])
    if order["sandboxed"]:
        sandbox.limit_sizes(order["spill_megabytes"])
        sandbox.enter(folders, spill)
    # Not before: DuckDB starts threads, which would stay free.
    from uraniborg_portal.engine.duckdb import LockedDatabase

    return LockedDatabase(folders, memory=order["memory"], spill=spill, spill_megabytes=order["spill_megabytes"])


def listen(asking: IO[bytes], queries: queue.SimpleQueue[Asked]) -> None:
    """Take queries; end this process with the portal, even in the middle of an answer."""
    try:
        while True:
            query = frames.words(frames.read(asking, MOST)[1])
            queries.put((query, {name: frames.read(asking, MOST)[1] for name in query["tables"]}))
    except frames.BrokenChannel:
        os._exit(0)


def answer(database: LockedDatabase, query: dict[str, Any], tables: dict[str, bytes], answering: IO[bytes]) -> None:
    """Write the rows of a query, or the error that it met, then whether the database can answer more."""
    from uraniborg_portal.engine.arrow import read_table

    given = {name: read_table(content) for name, content in tables.items()}
    try:
        with database.answer(query["sql"], given) as rows:
            frames.write(answering, frames.SCHEMA, memoryview(rows.schema.serialize()))
            for batch in rows:
                frames.write(answering, frames.ROWS, memoryview(batch.serialize()))
    except PortalError as error:
        frames.write_words(answering, **error.as_json(), broken=database.broken)
    else:
        frames.write_words(answering, error=None, broken=False)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_bytes()))
