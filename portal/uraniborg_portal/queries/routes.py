"""Routes of queries: forms, results, their pages, columns, selections and files."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from uraniborg_portal import formats
from uraniborg_portal.adql.complete import complete
from uraniborg_portal.context import Context, ProcessContext
from uraniborg_portal.engine.allowance import Stop, interactive
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.errors import BadParameter, NotAllowed
from uraniborg_portal.identity.dependencies import OptionalUser, ReaderCatalogs, ReaderEngine, RequiredUser
from uraniborg_portal.queries import paging, selections, uploads
from uraniborg_portal.queries.bodies import AdqlBody, CompleteBody, File, FormBody, Page, QueryBody
from uraniborg_portal.queries.form import compose
from uraniborg_portal.queries.models import StoredResult
from uraniborg_portal.queries.run import Asked, row_limit, run
from uraniborg_portal.queries.target import form_of
from uraniborg_portal.queries.targets import match
from uraniborg_portal.queries.targets.keep import match_of
from uraniborg_portal.tap.streamed import while_connected

router = APIRouter()
BINARY = "application/octet-stream"


async def binary_body(request: Request) -> bytes:
    """Give the body of a binary request; an empty one is empty.

    Raises
    ------
    BadParameter
        The content type is another.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != BINARY:
        raise BadParameter(f"Row numbers are sent as {BINARY}.", selections.ACCEPTED)
    return await request.body()


@router.post("/api/queries/form")
def fill_form(context: Context, catalogs: ReaderCatalogs, body: FormBody) -> dict[str, object]:
    """Give the ADQL that a form makes; readers."""
    catalog = catalogs.get(body.catalog)
    today = datetime.now(UTC)
    form = form_of(body, context.resolver)
    if body.targets:
        made = match.compose(catalog, form, match_of(body.targets, context.results.store))
    else:
        made = compose(catalog, form, today.year + today.timetuple().tm_yday / 366)
    return {
        "adql": made.adql,
        "notes": list(made.notes),
        "center": asdict(made.center) if made.center else None,
        "uploads": made.uploads,
    }


@router.post("/api/adql/check")
def check_adql(context: Context, engine: ReaderEngine, body: AdqlBody) -> dict[str, object]:
    """Say whether a query can run: `{"valid": true}`, otherwise the refusal with line and column; readers."""
    engine.plan(body.adql, 1, uploads.described(context.results.store, body.uploads))
    return {"valid": True}


@router.post("/api/adql/explain")
def explain_adql(context: Context, engine: ReaderEngine, body: QueryBody) -> dict[str, object]:
    """Say what a query would do: `{"words": sentences, "tables": [a row of EXPLAIN for each]}`; readers."""
    rows = row_limit(body.rows, context.settings.queries)
    explanation = engine.explain(body.adql, rows, uploads.whole(context.results.store, body.uploads))
    return {"words": explanation.words(), "tables": explanation.rows()}


@router.post("/api/adql/complete")
def complete_adql(context: Context, engine: ReaderEngine, body: CompleteBody) -> dict[str, object]:
    """Give what can stand at a place of a query: `{"replaced": characters before it, "suggestions": […]}`; readers."""
    engine.check_length(body.before + body.after)
    sent = {each.table.name.lower(): each.table for each in uploads.described(context.results.store, body.uploads)}
    return asdict(complete(body.before, body.after, engine.tables() | sent))


@router.post("/api/queries", status_code=201)
async def make_query(
    request: Request, context: Context, engine: ReaderEngine, user: OptionalUser, body: QueryBody
) -> dict[str, object]:
    """Run a query and keep its result; it ends with its client, and then nothing is kept; readers."""
    limits, stop = context.settings.queries, Stop()
    asked = Asked(adql=body.adql, rows=row_limit(body.rows, limits), uploads=body.uploads)
    owner, allowance = user.name if user else None, interactive(limits, stop)
    made = context.query_threads.run(run, engine, context.results.store, asked, owner, allowance)
    return (await while_connected(request, stop, made)).as_json()


@router.get("/api/queries")
def my_queries(context: Context, user: RequiredUser) -> list[dict[str, object]]:
    """List the user's results, the newest first; signed-in users."""
    return [stored.as_json() for stored in context.results.store.of_owner(user.name)]


@router.get("/api/queries/{identifier}")
def describe_query(context: Context, identifier: str) -> dict[str, object]:
    """Describe a result; readers who have its id."""
    return context.results.store.get(identifier).as_json()


@router.delete("/api/queries/{identifier}", status_code=204)
def remove_query(context: Context, user: RequiredUser, identifier: str) -> Response:
    """Remove a result; its owner."""
    stored = context.results.store.get(identifier)
    if stored.owner != user.name:
        raise NotAllowed("This result belongs to someone else.")
    context.results.store.remove([identifier])
    return Response(status_code=204)


@router.get("/api/queries/{identifier}/rows")
def rows_of_query(context: Context, identifier: str, page: Page) -> JSONResponse:
    """Give a page of rows, in the result's order or that of a column, of all or of selected rows; readers.

    `numbers` are the rows' numbers in the result's own order.
    """
    stored = context.results.store.get(identifier)
    opened = context.results.get(identifier)
    sort = column_name(stored, page.sort, "sort") if page.sort else None
    numbers = opened.numbers(sort, descending=page.descending)
    chosen = selected_rows(context, stored, page.selected)
    if chosen is not None:
        numbers = paging.only(numbers, chosen, stored.description.rows)
    shown = numbers[page.offset : page.offset + page.limit]
    rows = paging.page(opened.table, shown)
    return JSONResponse({"offset": page.offset, "total": len(numbers), "rows": rows, "numbers": shown.tolist()})


@router.get("/api/queries/{identifier}/columns/{name}")
def column_of_query(context: Context, identifier: str, name: str) -> Response:
    """Give a column as little-endian doubles in the result's row order, NaN for no value; readers."""
    stored = context.results.store.get(identifier)
    column = column_name(stored, name, "name")
    values = paging.doubles(context.results.get(identifier).table.column(column))
    if values is None:
        raise BadParameter(f"{column} holds no numbers.", field="name")
    return Response(values, media_type=BINARY)


@router.post("/api/queries/{identifier}/selections", status_code=201)
def select_rows(context: Context, identifier: str, body: Annotated[bytes, Depends(binary_body)]) -> dict[str, object]:
    """Keep selected row numbers (little-endian 32-bit integers) for paging and saving; readers who have the id."""
    stored = context.results.store.get(identifier)
    numbers = selections.numbers_of(body, stored.description.rows)
    store = context.results.store
    return {"id": selections.save(store.storage, store.path(identifier), numbers), "rows": len(numbers)}


@router.get("/api/queries/{identifier}/file")
def file_of_query(request: Request, context: Context, identifier: str, wanted: File) -> StreamingResponse:
    """Give the result, or its selected rows, as a file; readers."""
    stored = context.results.store.get(identifier)
    table = context.results.get(identifier).table
    chosen = selected_rows(context, stored, wanted.selected)
    described = stored.description
    result = QueryResult(
        table=table if chosen is None else table.take(chosen),
        columns=described.columns,
        overflow=described.overflow,
        adql=stored.adql,
        epoch=described.epoch,
        notes=described.notes,
    )
    how = formats.find(wanted.format)
    name = quote(f"query-{identifier[:8]}{how.extension}")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(how.write(result), media_type=how.media_type, headers=headers)


def column_name(stored: StoredResult, name: str, field: str) -> str:
    """Give a column's name as the result writes it.

    Raises
    ------
    BadParameter
        The result has no such column.
    """
    known = [column.name for column in stored.description.columns]
    for column in known:
        if column.lower() == name.lower():
            return column
    raise BadParameter(f"The result has no column {name[:60]!r}; it has: {', '.join(known)}.", field=field)


def selected_rows(context: ProcessContext, stored: StoredResult, selected: str) -> paging.RowNumbers | None:
    """Give the rows of a selection, None for all rows."""
    if selected in ("none", ""):
        return None
    store = context.results.store
    return selections.load(store.storage, store.path(stored.id), selected)
