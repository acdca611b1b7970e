"""Routes of records for a registry of the Virtual Observatory: they tell what nobody in particular may read."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from uraniborg_portal.address import portal_of
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.context import Context, ProcessContext
from uraniborg_portal.density.hips import written
from uraniborg_portal.density.there import there
from uraniborg_portal.identity.dependencies import PublicCatalogs
from uraniborg_portal.records.record import Published, catalog_record, service_record
from uraniborg_portal.tap import xml
from uraniborg_portal.tap.answers import address_of
from uraniborg_portal.tap.capabilities import Access

router = APIRouter()


def published(
    request: Request, context: ProcessContext, catalogs: PublicCatalogs, described: tuple[Catalog, ...]
) -> Published:
    """Give the service as records of these catalogs tell of it."""
    base = address_of(request)
    times = (written(rows) for _, rows in there(catalogs, described))
    return Published(
        portal=portal_of(request),
        access=Access(base=base, anonymous=context.settings.anonymous_reading, sign_in=context.sign_in is not None),
        settings=context.settings,
        updated=max(times, default=datetime(2026, 1, 1, tzinfo=UTC)),
    )


@router.get("/records/tap", tags=["Catalogs"], response_class=Response)
def tap_record(request: Request, context: Context, catalogs: PublicCatalogs) -> Response:
    """Give the VOResource record of the TAP service, with the tables that everyone may read; readers."""
    described = catalogs.all()
    content = service_record(published(request, context, catalogs, described), described)
    return Response(content, media_type=xml.MEDIA_TYPE)


@router.get("/records/catalogs/{name}", tags=["Catalogs"], response_class=Response)
def record_of_catalog(request: Request, context: Context, catalogs: PublicCatalogs, name: str) -> Response:
    """Give the VOResource record of a catalog that everyone may read: cone search, table, coverage; readers."""
    catalog = catalogs.get(name)
    here = catalogs.collection(name).origin is None
    content = catalog_record(published(request, context, catalogs, (catalog,)), catalog, here=here)
    return Response(content, media_type=xml.MEDIA_TYPE)
