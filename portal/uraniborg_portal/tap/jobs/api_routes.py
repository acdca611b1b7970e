"""Routes of asynchronous queries for pages and notebooks, below `api/async`: the same queries as those of `tap/async`.

A query belongs to who made it; one that nobody made belongs to whoever knows its identifier, which can't be guessed.
"""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from uraniborg_portal.address import portal_of
from uraniborg_portal.context import Context
from uraniborg_portal.engine.allowance import Stop
from uraniborg_portal.identity.dependencies import OptionalUser, ReaderEngine
from uraniborg_portal.queries import uploads
from uraniborg_portal.queries.bodies import QueryBody
from uraniborg_portal.queries.run import row_limit
from uraniborg_portal.tap.jobs.requests import LONGEST_WAIT
from uraniborg_portal.tap.jobs.routes import Job
from uraniborg_portal.tap.jobs.shown import as_json, version_of
from uraniborg_portal.tap.params import PART, UploadRequest, upload_value
from uraniborg_portal.tap.streamed import while_connected

router = APIRouter(prefix="/api/async")

LISTED = 200
"""Queries that a list shows at most, the newest."""
KNOWN = 50
"""Queries that nobody made which a request may ask for, by their identifiers."""
LONGEST = KNOWN * 33

Wait = Annotated[float, Query(ge=0, le=LONGEST_WAIT)]


@router.post("", status_code=201)
async def make(
    request: Request, context: Context, engine: ReaderEngine, user: OptionalUser, body: QueryBody
) -> dict[str, object]:
    """Have a query run while nobody waits; its result is kept as Parquet; readers."""
    rows = row_limit(body.rows, context.settings.queries)
    store = context.results.store
    tables = await asyncio.to_thread(uploads.described, store, body.uploads)
    await asyncio.to_thread(engine.plan, body.adql, rows, tables)
    asked = {"LANG": "ADQL", "QUERY": body.adql, "MAXREC": str(rows), "RESPONSEFORMAT": "parquet"}
    if tables:
        asked["UPLOAD"] = upload_value(
            UploadRequest(name=name, uri=PART + identifier) for name, identifier in body.uploads.items()
        )
    files = await asyncio.to_thread(uploads.as_files, store, body.uploads)
    portal = portal_of(request)
    return as_json(await context.tap_jobs.create(user, tuple(asked.items()), files, portal=portal, run=True))


@router.get("")
async def list_queries(
    context: Context,
    user: OptionalUser,
    ids: Annotated[str, Query(max_length=LONGEST)] = "",
    version: Annotated[str, Query(max_length=40)] = "",
    wait: Wait = 0,
) -> dict[str, object]:
    """List the newest queries of the user, and those of `ids` (with commas) that nobody made; readers.

    With `wait` the answer comes once the list is another one than that of `version`, or after so many seconds.
    """
    known = [each for each in ids.split(",") if each][:KNOWN]
    jobs = await context.tap_jobs.news(lambda: context.tap_jobs.mine(user, known, LISTED + 1), version, wait)
    shown = [as_json(job) for job in jobs[:LISTED]]
    return {"now": time.time(), "version": version_of(jobs), "more": len(jobs) > LISTED, "queries": shown}


@router.get("/{identifier}")
async def show(context: Context, job: Job, phase: str = "", wait: Wait = 0) -> dict[str, object]:
    """Show a query; with `wait` once it has left `phase`, or after so many seconds; its owner."""
    if wait and phase in ("", job.phase):
        job = await context.tap_jobs.wait(job, wait)
    return {**as_json(job), "now": time.time()}


@router.post("/{identifier}/stop")
async def stop(context: Context, user: OptionalUser, job: Job) -> dict[str, object]:
    """Stop a query, wherever it runs; its owner."""
    await context.tap_jobs.abort(job)
    return as_json(await context.tap_jobs.get(job.id, user))


@router.post("/{identifier}/again", status_code=201)
async def again(context: Context, user: OptionalUser, job: Job) -> dict[str, object]:
    """Run a query once more, as a new one with the same parameters and tables; its owner."""
    return as_json(await context.tap_jobs.again(job, user))


@router.post("/{identifier}/open")
async def open_result(request: Request, context: Context, job: Job) -> dict[str, object]:
    """Give a query's result to page through, as `api/queries` has it; its owner. It ends with its client."""
    stop = Stop()
    opened = await while_connected(request, stop, run_in_threadpool(context.opening.open, job, stop))
    return opened.as_json()


@router.post("/{identifier}/delete", status_code=204)
async def delete(context: Context, job: Job) -> Response:
    """Remove a query with its result, wherever it runs; its owner. What was opened of it stays, as other results do."""
    await context.tap_jobs.remove(job)
    return Response(status_code=204)
