"""Routes of coverages and of density HiPS; everything here is for readers of the catalog, whatever page asks for it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from uraniborg_portal import links
from uraniborg_portal.address import portal_of
from uraniborg_portal.catalogs.readable import ReadableCatalogs
from uraniborg_portal.context import Context, ProcessContext
from uraniborg_portal.cross_origin import FROM_ANYWHERE
from uraniborg_portal.density import hips, moc
from uraniborg_portal.density.counts import ORDER
from uraniborg_portal.density.hips import Density
from uraniborg_portal.density.there import rows_of, there
from uraniborg_portal.errors import NotFound
from uraniborg_portal.identity.dependencies import ReaderCatalogs

router = APIRouter()
HEADERS = {**FROM_ANYWHERE, "Cache-Control": "private, max-age=3600"}
TEXT = "text/plain; charset=utf-8"
TYPES = {"png": "image/png", "fits": moc.FITS}


def density_of(context: ProcessContext, catalogs: ReadableCatalogs, name: str) -> Density:
    """Give the density of a catalog that the caller may read, counted where it is not yet.

    Raises
    ------
    NotFound
        Its rows are on another host.
    """
    rows = rows_of(catalogs, name)
    if not rows.here:
        raise NotFound(
            f"{name} has no HiPS: its rows are on another host, and all of them would have to come here.",
            f"Its coverage is {links.coverage(name)}.",
        )
    return Density(rows=rows, counts=context.densities.counts(name.lower(), rows))


def address_of(request: Request, name: str) -> str:
    """Give the absolute URL of a HiPS."""
    return portal_of(request) + links.density(name)


@router.get("/api/catalogs/{name}/moc", tags=["Catalogs"], response_class=Response)
def coverage(
    context: Context,
    catalogs: ReaderCatalogs,
    name: str,
    format: Literal["fits", "json"] = "fits",
    order: Annotated[int, Query(ge=0, le=ORDER)] = ORDER,
) -> Response:
    """Give where a catalog has rows, as a MOC of an order (10: cells of 3.4 arcmin) or the finest known; readers."""
    counts = context.densities.counts(name.lower(), rows_of(catalogs, name))
    found = moc.coverage(counts.at(min(order, counts.order)))
    if format == "json":
        return Response(moc.as_json(found), media_type=moc.JSON, headers=HEADERS)
    return Response(moc.as_fits(found), media_type=moc.FITS, headers=HEADERS)


@router.get("/hips/hipslist", tags=["Catalogs"], response_class=Response)
def hipslist(request: Request, context: Context, catalogs: ReaderCatalogs) -> Response:
    """List the density HiPS of all catalogs whose files are there (HiPS 1.0, section 5.2); readers."""
    authority = context.settings.curation.authority
    records = [
        hips.document(hips.listed(each, rows, address_of(request, each.name), authority))
        for each, rows in there(catalogs, catalogs.all())
        if rows.here
    ]
    return Response("\n".join(records), media_type=TEXT, headers=HEADERS)


@router.get("/hips/{name}", tags=["Catalogs"], response_class=Response)
@router.get("/hips/{name}/", include_in_schema=False)
def base(request: Request, catalogs: ReaderCatalogs, name: str) -> Response:
    """Lead whoever opens the address of a HiPS to what it says of itself; readers."""
    return RedirectResponse(f"{address_of(request, catalogs.get(name).name)}/properties", headers=FROM_ANYWHERE)


@router.get("/hips/{name}/properties", tags=["Catalogs"], response_class=Response)
def properties(request: Request, context: Context, catalogs: ReaderCatalogs, name: str) -> Response:
    """Describe the density HiPS of a catalog (HiPS 1.0, section 4.4.1); readers."""
    catalog = catalogs.get(name)
    density, url = density_of(context, catalogs, name), address_of(request, catalog.name)
    said = hips.properties(catalog, density, url, context.settings.curation.authority)
    return Response(hips.document(said), media_type=TEXT, headers=HEADERS)


@router.get("/hips/{name}/Moc.fits", tags=["Catalogs"], response_class=Response)
def hips_coverage(context: Context, catalogs: ReaderCatalogs, name: str) -> Response:
    """Give where the density HiPS of a catalog shows something (HiPS 1.0, section 4.4.2); readers."""
    shown = density_of(context, catalogs, name).shown()
    return Response(moc.as_fits(moc.coverage(shown)), media_type=moc.FITS, headers=HEADERS)


@router.get("/hips/{name}/{path:path}", tags=["Catalogs"], response_class=Response)
def tile(context: Context, catalogs: ReaderCatalogs, name: str, path: str) -> Response:
    """Give a tile of a density HiPS, or its whole sky in one picture: counts as FITS, densities as PNG; readers."""
    density = density_of(context, catalogs, name)
    wanted = hips.tile_of(path, density)
    kept = context.densities.file
    content = kept(name.lower(), density.rows, wanted.file, wanted.make) if wanted.kept else wanted.make()
    return Response(content, media_type=TYPES[wanted.kind], headers=HEADERS)
