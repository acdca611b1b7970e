"""Routes of users' tables, below `tap/`: the paths and words of CADC's youcat, as pyvo speaks them."""

from __future__ import annotations

import mmap
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, RedirectResponse

from uraniborg_portal.address import portal_of
from uraniborg_portal.catalogs.readers import votable
from uraniborg_portal.context import Context
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.identity.dependencies import ReaderEngine, RequiredUser
from uraniborg_portal.identity.models import User
from uraniborg_portal.storage import failures
from uraniborg_portal.tap.answers import address_of, identified
from uraniborg_portal.tap.dependencies import Asked
from uraniborg_portal.user_tables import permissions
from uraniborg_portal.user_tables.definition import definition_of
from uraniborg_portal.user_tables.models import Definition, UserTable
from uraniborg_portal.user_tables.tables import UserTables
from uraniborg_portal.user_tables.updates import update_of

VOSI = ("text/xml", "application/xml")
VOTABLE = ("application/x-votable+xml", "text/x-votable+xml")
LONGEST_PERMISSIONS = 10_000
"""Bytes that say who may use a table."""

router = APIRouter(prefix="/tap")


@router.put("/tables/{name}", status_code=201)
async def create(request: Request, context: Context, user: RequiredUser, engine: ReaderEngine, name: str) -> Response:
    """Make a table from a VOSI table (text/xml), or from a VOTable with its rows; signed-in users."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (*VOSI, *VOTABLE):
        raise BadParameter(
            f"A definition of {kind[:60] or 'no type'!r} is not read.", f"Accepted: {VOSI[0]} (VOSI), {VOTABLE[0]}."
        )
    content = await request.body()

    def made() -> UserTable:
        if kind in VOSI:
            return context.user_tables.create(user, name, definition_of(content))
        if not content.lstrip().startswith(votable.STARTS):
            raise BadParameter("The definition of the table is no VOTable.", f"Send one, or a VOSI table ({VOSI[0]}).")
        upload = engine.read_upload("table", content)
        if upload.left_out:
            names = ", ".join(upload.left_out[:10])
            raise BadParameter(f"Columns of arrays and structures can't be kept: {names}.", "Leave them out.")
        return context.user_tables.create(user, name, Definition(columns=upload.columns), upload.rows)

    return told(await run_in_threadpool(made), request, user, 201)


@router.post("/load/{name}")
async def load(request: Request, context: Context, user: RequiredUser, engine: ReaderEngine, name: str) -> Response:
    """Add rows to a table: TSV, CSV, ECSV, FITS, VOTable, Parquet, told by their first bytes; who may write to it.

    All rows are added, or none.
    """
    await run_in_threadpool(context.user_tables.loadable, name, user)
    with context.user_tables.parts.receiving() as file:
        await receive(request, file)
        table = await run_in_threadpool(loaded, context.user_tables, user, name, file, engine)
    return told(table, request, user, 200)


@router.delete("/tables/{name}")
def remove(request: Request, context: Context, user: RequiredUser, name: str) -> Response:
    """Remove a table with its rows; its owner."""
    context.user_tables.remove(user, name)
    return identified(PlainTextResponse(f"{name} is removed.\n"), request, user)


@router.post("/table-update")
async def update(request: Request, context: Context, user: RequiredUser, given: Asked) -> Response:
    """Make the job that makes an index (TABLE, INDEX, UNIQUE), pending: it is run as any of `async`; who may write."""
    wanted = update_of(given.parameters)
    await run_in_threadpool(context.user_tables.check_update, user, wanted)
    job = await context.tap_jobs.create(user, wanted.parameters, {}, portal=portal_of(request), run=False)
    return identified(RedirectResponse(address_of(request, f"/async/{job.id}"), 303), request, user)


@router.get("/permissions/{name}")
def show_permissions(request: Request, context: Context, user: RequiredUser, name: str) -> Response:
    """Say who may use a table, in lines of `key=value`; its readers."""
    table = context.user_tables.readable_table(name, user)
    return identified(PlainTextResponse(permissions.written(table)), request, user)


@router.post("/permissions/{name}")
async def share(request: Request, context: Context, user: RequiredUser, name: str) -> Response:
    """Let groups use a table, by lines of `r-group=GROUP` (query) and `rw-group=GROUP` (add rows, too); its owner."""
    content = await request.body()
    if len(content) > LONGEST_PERMISSIONS:
        raise BadParameter("That is too long to say who may use a table.", permissions.ACCEPTED)
    said = content.decode("utf-8", "replace")
    table = await run_in_threadpool(
        context.user_tables.share, user, name, lambda before: permissions.read(said, before)
    )
    return identified(PlainTextResponse(permissions.written(table)), request, user)


async def receive(request: Request, path: Path) -> None:
    """Write the request's body to a file, piece by piece."""
    with failures("The rows can't be received"), path.open("wb") as file:
        async for piece in request.stream():
            await run_in_threadpool(file.write, piece)


def loaded(tables: UserTables, user: User, name: str, file: Path, engine: Engine) -> UserTable:
    """Add the rows of a file to a table."""
    if not file.stat().st_size:
        raise BadParameter("The body is empty: it has the rows.", "Send a file with a line of column names first.")
    with (
        file.open("rb") as opened,
        mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content,
        memoryview(content) as view,
    ):
        return tables.load(user, name, view, engine)


def told(table: UserTable, request: Request, user: User, status: int) -> Response:
    """Say what a table has now."""
    words = f"{table.kept.table.written} has {table.rows:,} rows.\n"
    return identified(PlainTextResponse(words, status), request, user)
