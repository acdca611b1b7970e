"""Routes of TAP 1.1 and its VOSI resources, below `tap/`."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from uraniborg_portal import negotiation
from uraniborg_portal.context import Context, ProcessContext
from uraniborg_portal.engine.allowance import Stop, interactive
from uraniborg_portal.formats.compression import CODINGS
from uraniborg_portal.identity.dependencies import OptionalUser, ReaderCatalogs, ReaderEngine, ReaderTables
from uraniborg_portal.tap import examples, vosi
from uraniborg_portal.tap.answered import answered
from uraniborg_portal.tap.answers import address_of, document, headers_alone, identified
from uraniborg_portal.tap.capabilities import Access, capabilities
from uraniborg_portal.tap.dependencies import Asked, Uploads
from uraniborg_portal.tap.given import Given
from uraniborg_portal.tap.params import QueryRequest, read_request
from uraniborg_portal.tap.streamed import Begun, Streamed, begin, while_connected

UP_SINCE = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

router = APIRouter()
documents = APIRouter()
"""What says how to sign in: it answers nobody, too, where the tables need a user."""


@router.head("/tap/sync", include_in_schema=False)
async def sync_headers(request: Request, context: Context, user: OptionalUser, given: Asked) -> Response:
    """Say in what format a query would be answered, and run none: it may be refused yet; readers."""
    asked, headers, _ = sync_answer(request, context, given)
    return identified(headers_alone(asked.format.media_type, headers), request, user)


@router.get("/tap/sync")
@router.post("/tap/sync")
async def sync(
    request: Request, context: Context, user: OptionalUser, engine: ReaderEngine, given: Asked, uploads: Uploads
) -> Response:
    """Answer a query: TAP 1.1 section 2.1; readers. Rows are sent as they come, in the format and coding asked for."""
    asked, headers, coding = sync_answer(request, context, given)
    stop = Stop()

    def made() -> Begun:
        allowance = interactive(context.settings.queries, stop)
        return begin(answered(engine, asked, uploads, allowance), asked.format, coding)

    begun = await while_connected(request, stop, context.query_threads.run(made))
    return identified(Streamed(begun, stop, context.query_threads, asked.format.media_type, headers), request, user)


def sync_answer(
    request: Request, context: ProcessContext, given: Given
) -> tuple[QueryRequest, dict[str, str], str | None]:
    """Give what is asked, the headers of its answer, and the coding that both sides know; None where there is none."""
    asked = read_request(given.parameters, context.settings.queries, request.headers.get("accept"))
    offered = () if asked.format.compressed else tuple(CODINGS)
    coding = negotiation.coding(request.headers.get("accept-encoding"), offered) if offered else None
    headers = {
        "Content-Disposition": f'inline; filename="result{asked.format.extension}"',
        "Vary": "Accept, Accept-Encoding",
        **({"Content-Encoding": coding} if coding else {}),
    }
    return asked, headers, coding


@router.head("/tap/tables", include_in_schema=False)
@router.get("/tap/tables")
def tables(
    request: Request, catalogs: ReaderCatalogs, kept: ReaderTables, user: OptionalUser, detail: str = "max"
) -> Response:
    """Give all tables, VOSI 1.1; `detail=min` leaves out the columns; readers."""
    return document(vosi.tableset(catalogs.all(), detail, kept.all()), request, user)


@router.head("/tap/tables/{name}", include_in_schema=False)
@router.get("/tap/tables/{name}")
def table(request: Request, catalogs: ReaderCatalogs, kept: ReaderTables, user: OptionalUser, name: str) -> Response:
    """Give one table with its columns, VOSI 1.1; readers."""
    return document(vosi.one_table(catalogs.all(), name, kept.all()), request, user)


@router.head("/tap/examples", include_in_schema=False)
@router.get("/tap/examples")
def show_examples(request: Request, catalogs: ReaderCatalogs, user: OptionalUser) -> Response:
    """Give queries that run as they are, in XHTML with RDFa (DALI 1.1, section 2.3); readers."""
    content = examples.document(catalogs.all())
    return identified(Response(content, media_type=examples.MEDIA_TYPE), request, user)


@documents.head("/tap/capabilities", include_in_schema=False)
@documents.get("/tap/capabilities")
def describe(request: Request, context: Context, user: OptionalUser) -> Response:
    """Give what the service can do, and how to sign in; anyone."""
    access = Access(
        base=address_of(request), anonymous=context.settings.anonymous_reading, sign_in=context.sign_in is not None
    )
    return document(capabilities(access, context.settings), request, user)


@documents.head("/tap/availability", include_in_schema=False)
@documents.get("/tap/availability")
def available(request: Request, user: OptionalUser) -> Response:
    """Say that the service is up; anyone."""
    return document(vosi.availability(UP_SINCE), request, user)
