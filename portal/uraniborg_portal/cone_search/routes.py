"""The route of cone searches, `scs/CATALOG`."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from uraniborg_portal.cone_search.query import adql, named
from uraniborg_portal.cone_search.request import read_cone
from uraniborg_portal.context import Context
from uraniborg_portal.cross_origin import FROM_ANYWHERE
from uraniborg_portal.identity.dependencies import OptionalUser, ReaderCatalogs, ReaderEngine
from uraniborg_portal.tap.answers import identified

router = APIRouter()


@router.head("/scs/{name}", include_in_schema=False)
@router.get("/scs/{name}", tags=["Catalogs"])
def search(
    request: Request, context: Context, user: OptionalUser, catalogs: ReaderCatalogs, engine: ReaderEngine, name: str
) -> Response:
    """Give what of a catalog lies within `SR` degrees of `RA` and `DEC`: Simple Cone Search 1.03; readers."""
    catalog = catalogs.get(name)
    asked = read_cone(request.query_params.multi_items(), context.settings.queries)
    result = named(engine.run(adql(catalog, asked), asked.maxrec), asked)
    disposition = f'inline; filename="{catalog.name}{asked.format.extension}"'
    headers = {**FROM_ANYWHERE, "Content-Disposition": disposition}
    answer = StreamingResponse(asked.format.write(result), media_type=asked.format.media_type, headers=headers)
    return identified(answer, request, user)
