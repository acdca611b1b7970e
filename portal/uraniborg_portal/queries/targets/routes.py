"""Routes of tables that queries will read: files as they are, and lists of targets."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool

from uraniborg_portal.context import Context
from uraniborg_portal.engine.allowance import Stop, interactive
from uraniborg_portal.engine.engine import left_out_note
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.identity.dependencies import OptionalUser, ReaderEngine
from uraniborg_portal.queries.bodies import TargetsBody
from uraniborg_portal.queries.models import StoredResult
from uraniborg_portal.queries.routes import binary_body
from uraniborg_portal.queries.targets.keep import KeptList, keep_list, keep_table
from uraniborg_portal.queries.targets.read import Lookup, read_table, read_text
from uraniborg_portal.tap.streamed import while_connected

router = APIRouter()


@router.post("/api/tables", status_code=201)
async def make_table(
    request: Request,
    context: Context,
    engine: ReaderEngine,
    user: OptionalUser,
    body: Annotated[bytes, Depends(binary_body)],
) -> dict[str, object]:
    """Keep a table (VOTable, FITS, Parquet, CSV, ECSV) for queries to read; readers.

    A query names its id in `uploads`, and reads it as `TAP_UPLOAD.name`. Nothing is kept where the client is gone.
    """
    stop = Stop()

    def made() -> StoredResult:
        upload = engine.read_upload("table", body, interactive(context.settings.queries, stop))
        rows = upload.rows.select([column.name for column in upload.columns])
        notes = tuple(left_out_note(upload))
        stop.check()
        return keep_table(context.results.store, rows, upload.columns, user.name if user else None, notes)

    return (await while_connected(request, stop, run_in_threadpool(made))).as_json()


@router.post("/api/targets", status_code=201)
async def make_targets(request: Request, context: Context, user: OptionalUser, body: TargetsBody) -> dict[str, object]:
    """Keep a list of targets: a text with one in each line, or a kept table with positions or names; readers.

    Lines and rows that are no target are told in `problems`, with their numbers; a query reads the others as
    `TAP_UPLOAD.targets`. No more names are asked for, and nothing is kept, where the client is gone.
    """
    if (body.text is None) == (body.table is None):
        raise BadParameter("A list of targets is a text or a table.", "Send one of text, table.", field="targets")
    stop = Stop()
    lookup = Lookup(resolver=context.resolver, limits=context.settings.targets, stop=stop)

    def made() -> KeptList:
        store, owner = context.results.store, user.name if user else None
        if body.text is not None:
            found = read_text(body.text, lookup)
        else:
            stored = store.get(body.table or "")
            found = read_table(store.table(stored.id), stored.description.columns, lookup)
        stop.check()
        return keep_list(store, found, owner, body.text or "")

    return (await while_connected(request, stop, run_in_threadpool(made))).as_json()
