"""The route of DataLink 1.1, `datalink/links`."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from uraniborg_portal.address import portal_of
from uraniborg_portal.context import Context
from uraniborg_portal.cross_origin import FROM_ANYWHERE
from uraniborg_portal.datalink.links import links_of
from uraniborg_portal.datalink.request import read_request
from uraniborg_portal.formats import votable
from uraniborg_portal.identity.dependencies import OptionalUser, ReaderCatalogs
from uraniborg_portal.links import DATALINK
from uraniborg_portal.obscore.rows import Site
from uraniborg_portal.tap.answers import identified
from uraniborg_portal.tap.given import read_given

router = APIRouter()
MOST_FIELDS = 100_000
"""Fields of a form: clients post the identifiers of all rows of a result, and ask again for those left unanswered."""


@router.head(f"/{DATALINK}", include_in_schema=False)
@router.get(f"/{DATALINK}", tags=["Catalogs"])
@router.post(f"/{DATALINK}", tags=["Catalogs"])
async def links(request: Request, context: Context, user: OptionalUser, catalogs: ReaderCatalogs) -> Response:
    """Give what there is of datasets, by `ID`, which may be repeated (DataLink 1.1); whoever knows an identifier.

    Those of products can't be guessed; those of catalogs are for their readers. An identifier without a dataset has a
    row that says so.
    """
    asked = read_request(await read_given(request, MOST_FIELDS), context.settings.queries)
    site = Site(portal=portal_of(request), authority=context.settings.curation.authority)

    def made() -> bytes:
        found = links_of(asked, lambda identifiers: context.holdings.find(identifiers, catalogs), site.at)
        return b"".join(votable.links_document(found))

    content = await run_in_threadpool(made)
    return identified(Response(content, media_type=votable.LINKS_TYPE, headers=FROM_ANYWHERE), request, user)
