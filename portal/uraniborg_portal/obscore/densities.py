"""Densities of catalogs on the sky as datasets; pure: nothing is counted for them."""

from __future__ import annotations

import math
from functools import lru_cache

from mocpy import MOC

from uraniborg_portal import links
from uraniborg_portal.adql.cover import of_ranges
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.catalogs.shards import Shards
from uraniborg_portal.density.moc import FITS
from uraniborg_portal.density.tiles import ALLSKY_COLUMNS, ALLSKY_ORDER, ALLSKY_WIDTH_ORDER, WHOLE_SKY
from uraniborg_portal.obscore.extent import across
from uraniborg_portal.obscore.models import THIS, Dataset, Link, Observation
from uraniborg_portal.obscore.stcs import region_of

COLLECTION = "density"
"""What the keys of densities begin with."""
MOST_OF_THE_SKY = 0.5
"""Part of the sky from which on a middle says nothing."""
ORDER = ALLSKY_ORDER + ALLSKY_WIDTH_ORDER
"""The HEALPix order of the pixels."""
RESOLUTION = 3600 * math.sqrt(WHOLE_SKY / (12 * 4**ORDER))
"""Width of a pixel, arcseconds."""
WIDTH = ALLSKY_COLUMNS * 2**ALLSKY_WIDTH_ORDER
HEIGHT = -(-12 * 4**ALLSKY_ORDER // ALLSKY_COLUMNS) * 2**ALLSKY_WIDTH_ORDER
KEPT = 1_000
"""Catalogs whose place on the sky is remembered."""


def key_of(catalog: str) -> str:
    """Give the key of the density of the catalog of this name."""
    return f"{COLLECTION}/{catalog}"


def dataset_of(catalog: Catalog, shards: Shards) -> Dataset:
    """Give the density of a catalog: an image of the whole sky, and what is beside it."""
    place = links.density(catalog.name)
    return Dataset(
        key=key_of(catalog.name),
        collection=COLLECTION,
        title=f"Density of {catalog.title}",
        observation=observation(shards),
        links=(
            Link(url=f"{place}/Norder3/Allsky.fits", semantics=THIS, content_type=FITS,
                 description="Rows in each HEALPix cell of order 9, the whole sky in one image as HiPS lays it out"),
            Link(url=f"{place}/Norder3/Allsky.png", semantics="#preview-image", content_type="image/png",
                 description="The same in colours"),
            Link(url=f"{place}/properties", semantics="#documentation", content_type="text/plain",
                 description="Properties of the HiPS, of which this image is a part"),
            Link(url=links.coverage(catalog.name), semantics="#auxiliary", content_type=FITS,
                 description="MOC of where the catalog has rows"),
            Link(url=links.catalog_page(catalog.name), semantics="#documentation", content_type="text/html",
                 description="Page of the catalog"),
        ),
    )  # fmt: skip


@lru_cache(maxsize=KEPT)
def observation(shards: Shards) -> Observation:
    """Say where on the sky the shards of a catalog are."""
    area = of_ranges(tuple(zip(shards.starts.tolist(), shards.ends.tolist(), strict=True)))
    ra, dec, across = middle_of(area)
    return Observation(
        dataproduct_type="image",
        dataproduct_subtype="density",
        calib_level=4,
        o_ucd="meta.number;src",
        s_ra=ra,
        s_dec=dec,
        s_fov=across,
        s_region=region_of(area),
        s_resolution=RESOLUTION,
        s_xel1=WIDTH,
        s_xel2=HEIGHT,
    )


def middle_of(area: MOC) -> tuple[float | None, float | None, float]:
    """Give the middle of an area and the diameter of the circle around it that holds all, degrees.

    Of nothing, and of most of the sky, there is no middle.
    """
    if area.empty() or area.sky_fraction > MOST_OF_THE_SKY:
        return None, None, 0.0 if area.empty() else 360.0
    middle = area.barycenter()
    ra, dec = float(middle.ra.deg), float(middle.dec.deg)
    return ra, dec, across(area, ra, dec)
