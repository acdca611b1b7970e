"""A request for a query, answered by the engine."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from uraniborg_portal.engine.allowance import Allowance
from uraniborg_portal.engine.arrow import schema
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.explain import EXPLAINED
from uraniborg_portal.engine.models import QueryResult, Rows
from uraniborg_portal.tap.params import QueryRequest
from uraniborg_portal.tap.uploads import read_uploads


def answered(
    engine: Engine, asked: QueryRequest, contents: Mapping[str, bytes], allowance: Allowance | None = None
) -> Rows:
    """Give the rows of a query as they come, or its plan; who has them closes them.

    `contents` are the files that came with it, by `UploadRequest.key`.

    Raises
    ------
    PortalError
        A file can't be read, or as the engine has it.
    """
    uploads = read_uploads(engine, asked.uploads, contents, allowance)
    if asked.explain:
        explanation = engine.explain(asked.adql, asked.maxrec, uploads)
        table = pa.Table.from_pylist(explanation.rows(), schema=schema(EXPLAINED))
        return QueryResult(
            table=table,
            columns=EXPLAINED,
            overflow=False,
            adql=asked.adql,
            notes=(explanation.words(), *explanation.notes),
        )
    return engine.stream(asked.adql, asked.maxrec, allowance, uploads)
