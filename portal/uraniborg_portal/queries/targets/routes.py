"""Routes of tables that queries will read: files as they are, and lists of targets."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from uraniborg_portal.context import Context
from uraniborg_portal.engine.engine import left_out_note
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.identity.dependencies import OptionalUser, ReaderEngine
from uraniborg_portal.queries.bodies import TargetsBody
from uraniborg_portal.queries.routes import binary_body
from uraniborg_portal.queries.targets.keep import keep_list, keep_table
from uraniborg_portal.queries.targets.read import read_table, read_text

router = APIRouter()


@router.post("/api/tables", status_code=201)
def make_table(
    context: Context, engine: ReaderEngine, user: OptionalUser, body: Annotated[bytes, Depends(binary_body)]
) -> dict[str, object]:
    """Keep a table (VOTable, FITS, Parquet, CSV, ECSV) for queries to read; readers.

    A query names its id in `uploads`, and reads it as `TAP_UPLOAD.name`.
    """
    upload = engine.read_upload("table", body)
    rows = upload.rows.select([column.name for column in upload.columns])
    notes = tuple(left_out_note(upload))
    return keep_table(context.results.store, rows, upload.columns, user.name if user else None, notes).as_json()


@router.post("/api/targets", status_code=201)
def make_targets(context: Context, user: OptionalUser, body: TargetsBody) -> dict[str, object]:
    """Keep a list of targets: a text with one in each line, or a kept table with positions or names; readers.

    Lines and rows that are no target are told in `problems`, with their numbers; a query reads the others as
    `TAP_UPLOAD.targets`.
    """
    store, limits, owner = context.results.store, context.settings.targets, user.name if user else None
    if (body.text is None) == (body.table is None):
        raise BadParameter("A list of targets is a text or a table.", "Send one of text, table.", field="targets")
    if body.text is not None:
        return keep_list(store, read_text(body.text, context.resolver, limits), owner, body.text).as_json()
    stored = store.get(body.table or "")
    found = read_table(store.table(stored.id), stored.description.columns, context.resolver, limits)
    return keep_list(store, found, owner).as_json()
