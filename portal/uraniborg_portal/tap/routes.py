"""Routes of TAP 1.1 and its VOSI resources, below `tap/`."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from uraniborg_portal.context import Context
from uraniborg_portal.identity.challenges import vo_headers
from uraniborg_portal.identity.dependencies import OptionalUser
from uraniborg_portal.tap import vosi, xml
from uraniborg_portal.tap.capabilities import Access, capabilities
from uraniborg_portal.tap.params import read_request

SERVER = f"Uraniborg/{version('uraniborg')} IVOA-TAP/1.1"
"""The software, as the IVOA's SoftID note asks."""
UP_SINCE = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def identity_headers(request: Request, user: OptionalUser) -> list[tuple[str, str]]:
    """Give the headers of every answer of this service."""
    context = request.app.state.context
    known = vo_headers(request.headers, user) if user or context.sign_in else []
    return [("Server", SERVER), *known]


router = APIRouter()
documents = APIRouter()
"""What says how to sign in: it answers nobody, too, where the tables need a user."""


@router.head("/tap/sync", include_in_schema=False)
@router.get("/tap/sync")
@router.post("/tap/sync")
async def sync(request: Request, context: Context, user: OptionalUser) -> Response:
    """Answer a query: TAP 1.1 section 2.1; readers."""
    given = list(request.query_params.multi_items())
    if request.method == "POST":
        async with request.form(max_files=0, max_fields=100) as form:
            given += [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    asked = read_request(given, context.settings.queries)
    answer_by = context.engine.explain if asked.explain else context.engine.run
    result = await run_in_threadpool(answer_by, asked.adql, asked.maxrec)
    disposition = {"Content-Disposition": f'inline; filename="result{asked.format.extension}"'}
    answer = StreamingResponse(asked.format.write(result), media_type=asked.format.media_type, headers=disposition)
    return identified(answer, request, user)


@router.head("/tap/tables", include_in_schema=False)
@router.get("/tap/tables")
def tables(request: Request, context: Context, user: OptionalUser, detail: str = "max") -> Response:
    """Give all tables, VOSI 1.1; `detail=min` leaves out the columns; readers."""
    return document(vosi.tableset(context.catalogs.all(), detail), request, user)


@router.head("/tap/tables/{name}", include_in_schema=False)
@router.get("/tap/tables/{name}")
def table(request: Request, context: Context, user: OptionalUser, name: str) -> Response:
    """Give one table with its columns, VOSI 1.1; readers."""
    return document(vosi.one_table(context.catalogs.all(), name), request, user)


@documents.head("/tap/capabilities", include_in_schema=False)
@documents.get("/tap/capabilities")
def describe(request: Request, context: Context, user: OptionalUser) -> Response:
    """Give what the service can do, and how to sign in; anyone."""
    base = f"{str(request.base_url).rstrip('/')}{request.app.state.prefix}tap"
    access = Access(base=base, anonymous=context.settings.anonymous_reading, sign_in=context.sign_in is not None)
    return document(capabilities(access, context.settings.queries), request, user)


@documents.head("/tap/availability", include_in_schema=False)
@documents.get("/tap/availability")
def available(request: Request, user: OptionalUser) -> Response:
    """Say that the service is up; anyone."""
    return document(vosi.availability(UP_SINCE), request, user)


def document(content: bytes, request: Request, user: OptionalUser) -> Response:
    """Answer with an XML document."""
    return identified(Response(content, media_type=xml.MEDIA_TYPE), request, user)


def identified(answer: Response, request: Request, user: OptionalUser) -> Response:
    """Give the answer with the service's headers."""
    for name, value in identity_headers(request, user):
        answer.headers.append(name, value)
    return answer
