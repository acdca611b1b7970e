"""The route of cone searches, `scs/CATALOG`."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.cone_search.query import adql, named
from uraniborg_portal.cone_search.request import ConeRequest, read_cone
from uraniborg_portal.context import Context
from uraniborg_portal.cross_origin import FROM_ANYWHERE
from uraniborg_portal.engine.allowance import Stop, interactive
from uraniborg_portal.identity.dependencies import OptionalUser, ReaderCatalogs, ReaderEngine
from uraniborg_portal.tap.answers import headers_alone, identified
from uraniborg_portal.tap.streamed import while_connected

router = APIRouter()


@router.head("/scs/{name}", include_in_schema=False)
def search_headers(
    request: Request, context: Context, user: OptionalUser, catalogs: ReaderCatalogs, name: str
) -> Response:
    """Say in what format a cone search would be answered, and run none; readers."""
    catalog = catalogs.get(name)
    asked = read_cone(request.query_params.multi_items(), context.settings.queries)
    return identified(headers_alone(asked.format.media_type, headers_of(catalog, asked)), request, user)


@router.get("/scs/{name}", tags=["Catalogs"])
async def search(
    request: Request, context: Context, user: OptionalUser, catalogs: ReaderCatalogs, engine: ReaderEngine, name: str
) -> Response:
    """Give what of a catalog lies within `SR` degrees of `RA` and `DEC`: Simple Cone Search 1.03; readers."""
    catalog = await run_in_threadpool(catalogs.get, name)
    limits, stop = context.settings.queries, Stop()
    asked = read_cone(request.query_params.multi_items(), limits)
    found = context.query_threads.run(engine.run, adql(catalog, asked), asked.maxrec, interactive(limits, stop))
    result = named(await while_connected(request, stop, found), asked)
    pieces, media_type = asked.format.write(result), asked.format.media_type
    answer = StreamingResponse(pieces, media_type=media_type, headers=headers_of(catalog, asked))
    return identified(answer, request, user)


def headers_of(catalog: Catalog, asked: ConeRequest) -> dict[str, str]:
    """Give the headers of an answer."""
    return {**FROM_ANYWHERE, "Content-Disposition": f'inline; filename="{catalog.name}{asked.format.extension}"'}
