"""Routes that describe the installed catalogs, and draw them."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache

import numpy as np
import pyarrow.dataset as dataset
from fastapi import APIRouter
from fastapi.responses import Response

from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.catalogs.shards import Shards
from uraniborg_portal.density.counts import mapped
from uraniborg_portal.identity.dependencies import ReaderCatalogs
from uraniborg_portal.web.sky_picture import picture, strewn

router = APIRouter()
MOST_ROWS = 2_000_000
"""Rows that a picture is drawn of; of longer catalogs every n-th shard is left out."""


def as_json(catalog: Catalog) -> dict[str, object]:
    """Give the description of a catalog as the API answers it."""
    plain = asdict(catalog)
    readers = plain.pop("readers")
    for name in ("stamp", "holds", "unique", "of"):
        # Which catalog its rows belong to is said where its reader may see that one: in TAP_SCHEMA.
        del plain[name]
    return {**plain, "epoch": catalog.position.epoch, "restricted": readers is not None}


@router.get("/api/catalogs", tags=["Catalogs"])
def list_catalogs(catalogs: ReaderCatalogs) -> list[dict[str, object]]:
    """List the installed catalogs with their columns; readers."""
    return [as_json(catalog) for catalog in catalogs.all()]


@router.get("/api/catalogs/{name}", tags=["Catalogs"])
def catalog(catalogs: ReaderCatalogs, name: str) -> dict[str, object]:
    """Describe one catalog; readers."""
    return as_json(catalogs.get(name))


@router.get("/api/catalogs/{name}/preview", tags=["Catalogs"], response_class=Response)
def preview(catalogs: ReaderCatalogs, name: str) -> Response:
    """Give the density of the catalog's rows on the sky as PNG; readers."""
    position = catalogs.get(name).position
    content = drawn(catalogs.shards(name), position.ra, position.dec)
    return Response(content, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


@lru_cache(maxsize=64)
def drawn(shards: Shards, ra: str, dec: str) -> bytes:
    """Give the picture of the rows of one version of a catalog, drawn once per process."""
    if shards.collection.origin:
        return picture(*strewn(mapped(shards.collection), MOST_ROWS))
    step = max(1, -(-sum(shard.rows for shard in shards) // MOST_ROWS))
    files = [str(path) for shard in shards[::step] for path in shard.files]
    table = dataset.dataset(files, format="parquet", partitioning=None).to_table(columns=[ra, dec])
    positions = [np.asarray(table[column].to_numpy(), float) for column in (ra, dec)]
    return picture(positions[0], positions[1])
