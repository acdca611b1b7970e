"""Routes of other TAP services: which there are, their tables, forms and queries."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from uraniborg_portal.context import Context
from uraniborg_portal.engine.allowance import Stop
from uraniborg_portal.identity.dependencies import OptionalUser
from uraniborg_portal.queries.bodies import FormBody
from uraniborg_portal.queries.run import row_limit
from uraniborg_portal.queries.target import form_of
from uraniborg_portal.remote.bodies import RemoteFormBody, RemoteQueryBody
from uraniborg_portal.remote.form import compose
from uraniborg_portal.remote.models import RemoteQuery
from uraniborg_portal.remote.run import run, until_stopped
from uraniborg_portal.tap.streamed import while_connected

router = APIRouter(tags=["Other services"])


@router.get("/api/remote")
def list_services(context: Context) -> dict[str, object]:
    """List the services that can be queried, and the hosts that may be named besides; readers."""
    remote = context.remote
    return {
        "services": [asdict(each) for each in remote.services.values()],
        "addresses": remote.asker.allowed.every or bool(context.settings.remote_tap.hosts),
        "hosts": remote.asker.allowed.accepted,
    }


@router.get("/api/remote/tables")
async def search_tables(context: Context, service: str, search: str = "") -> list[dict[str, object]]:
    """Find tables of a service by a word in their name or description, 200 at most; readers."""
    remote = context.remote
    return [asdict(each) for each in await remote.tables.search(remote.find(service), search)]


@router.get("/api/remote/table")
async def describe_table(context: Context, service: str, name: str) -> dict[str, object]:
    """Describe a table of a service: its columns, and those of its position; readers."""
    remote = context.remote
    return (await remote.tables.table(remote.find(service), name)).as_json()


@router.post("/api/remote/form")
async def fill_form(context: Context, body: RemoteFormBody) -> dict[str, object]:
    """Give the ADQL that a form makes for a table of a service; readers."""
    remote = context.remote
    table = await remote.tables.table(remote.find(body.service), body.table)
    given = body.model_dump(exclude={"service", "table"})
    form = await run_in_threadpool(form_of, FormBody(catalog=body.table[:200], **given), context.resolver)
    made = compose(table, form)
    return {"adql": made.adql, "notes": [], "center": asdict(made.center) if made.center else None, "uploads": {}}


@router.post("/api/remote/queries", status_code=201)
async def make_query(
    request: Request, context: Context, user: OptionalUser, body: RemoteQueryBody
) -> dict[str, object]:
    """Run a query at a service and keep its result; it ends with its client; readers.

    The service is asked as nobody: no token, cookie or header of the caller goes there.
    """
    remote, stop = context.remote, Stop()
    remote.asker.engine.check_length(body.adql)
    rows = row_limit(body.rows, context.settings.queries)
    asked = RemoteQuery(service=remote.find(body.service), adql=body.adql, rows=rows)
    made = run(remote.asker, context.results.store, asked, user.name if user else None, stop)
    stored = await while_connected(request, stop, until_stopped(stop, asyncio.create_task(made)))
    return stored.as_json()
