"""What a kept result means, beside its rows: a small file next to the one that the client asked for.

A client chose the format, and a CSV has no units: with this the rows of any format are the engine's result again.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal import formats
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.allowance import Allowance
from uraniborg_portal.engine.arrow import as_columns, read_table
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.models import Cone, QueryResult, Rows
from uraniborg_portal.errors import Unavailable
from uraniborg_portal.tap.jobs.models import TapJob

FILE = "meaning.json"


def written(result: Rows) -> bytes:
    """Give the file that `read` takes."""
    kept = {
        "columns": [asdict(column) for column in result.columns],
        "epoch": result.epoch,
        "notes": result.notes,
        "cone": asdict(result.cone) if result.cone else None,
    }
    return json.dumps(kept).encode()


def read(meaning: bytes, rows: pa.Table, job: TapJob) -> QueryResult:
    """Give the result of a job again, from its rows and what `written` gave.

    Raises
    ------
    Unavailable
        The rows are not those of these columns.
    """
    kept: dict[str, Any] = json.loads(meaning)
    columns = tuple(Column(**column) for column in kept["columns"])
    try:
        table = as_columns(rows, columns)
    except (pa.ArrowException, ValueError) as error:
        raise Unavailable("The file of this result can't be shown as a table.", "Save the file.") from error
    return QueryResult(
        table=table,
        columns=columns,
        overflow=job.overflow,
        adql=job.parameter("QUERY") or "",
        epoch=kept["epoch"],
        notes=tuple(kept["notes"]),
        cone=Cone(**kept["cone"]) if kept["cone"] else None,
    )


def rows_of(engine: Engine, job: TapJob, content: bytes, allowance: Allowance) -> pa.Table:
    """Give the rows of a result's file; those of a text format are read by a process of its own.

    Raises
    ------
    PortalError
        The file is more than that process may read.
    """
    if job.media_type == formats.find("parquet").media_type:
        return pq.read_table(pa.BufferReader(content))
    if job.media_type == formats.find("arrow").media_type:
        return read_table(content)
    return engine.read_upload("result", content, allowance).rows
