"""The density of a catalog as a HiPS 1.0: how fine it is, what its tiles show, and its documents."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

import numpy as np

from uraniborg_portal.catalogs.layout import DIR_SIZE
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.density import tiles
from uraniborg_portal.density.counts import ORDER as COUNTED
from uraniborg_portal.density.counts import Cells, Counts, Rows, count_inside
from uraniborg_portal.errors import NotFound
from uraniborg_portal.settings import UNREGISTERED

COARSEST_ORDER = 3
"""The finest tiles are of this order at least, as clients expect."""
FINEST_ORDER = 9
TILE = re.compile(
    r"Norder(?:3/Allsky|(?P<order>\d{1,2})/Dir(?P<folder>\d{1,10})/Npix(?P<pixel>\d{1,10}))\.(?P<kind>png|fits)"
)
"""Paths of pictures below a HiPS."""
ROWS_PER_CELL = 25
"""Cells that are drawn hold so many rows on average, where there are rows: fewer would show noise."""
FAINTEST, BRIGHTEST = 0.02, 0.998
"""The parts of the cells below and above which colours don't change."""


def finest(rows: Rows) -> int:
    """Give the order of the finest tiles: where a pixel holds no more than one row on average; nothing is counted."""
    covered = max(sum(0.25**shard.order for shard in rows.shards) / 12, 1e-9)
    total = max(sum(shard.rows for shard in rows.shards), 1)
    order = math.ceil(math.log(total / (12 * covered), 4)) - tiles.WIDTH_ORDER
    return min(max(order, COARSEST_ORDER), FINEST_ORDER)


@lru_cache(maxsize=16)
def drawn_order(counts: Counts) -> int:
    """Give the finest order whose cells, those with rows, hold `ROWS_PER_CELL` on average: these are drawn."""
    total = int(counts.rows.sum())
    if total >= ROWS_PER_CELL * len(counts.cells):
        return counts.order + int(math.log(total / (ROWS_PER_CELL * max(len(counts.cells), 1)) or 1, 4))
    coarser = (order for order in reversed(range(counts.order)) if total >= ROWS_PER_CELL * len(counts.at(order).cells))
    return next(coarser, 0)


@lru_cache(maxsize=16)
def cuts_of(counts: Counts) -> tuple[float, float]:
    """Give the densities of cells below and above which colours don't change."""
    density = tiles.density_of(counts.rows, counts.order)
    low, high = np.quantile(density, [FAINTEST, BRIGHTEST]) if len(density) else (0.0, 1.0)
    return float(low), float(high)


@dataclass(frozen=True, kw_only=True)
class Density:
    """A catalog's HiPS."""

    rows: Rows
    counts: Counts

    def cells(self, order: int, pixel: int, finer: int) -> Cells:
        """Give the rows in the cells of an order `finer` inside of one: from the counts, or from the files."""
        if finer <= COUNTED:
            return self.counts.inside(order, pixel, finer)
        return count_inside(self.rows, order, pixel, finer)

    def fits_tile(self, order: int, pixel: int) -> bytes:
        """Give a tile of counts."""
        image = tiles.image_of(self.cells(order, pixel, order + tiles.WIDTH_ORDER))
        return tiles.as_fits(image, order, pixel)

    def png_tile(self, order: int, pixel: int) -> bytes:
        """Give a tile of densities, in colours."""
        return tiles.as_png(self.drawn(order, pixel, tiles.WIDTH_ORDER), self.cuts())

    def drawn(self, order: int, pixel: int, width_order: int) -> tiles.Densities:
        """Give the densities that a tile shows: of cells that are no finer than its pixels, nor than `drawn_order`."""
        shown = min(order + width_order, drawn_order(self.counts))
        if shown <= order:
            parent = pixel >> 2 * (order - shown)
            found = self.cells(shown, parent, shown)
        else:
            found = self.cells(order, pixel, shown)
        density = tiles.density_of(found, shown)
        return tiles.image_of(np.repeat(density, 4**width_order // len(density)))

    def shown(self) -> Counts:
        """Give the counts of the cells that are drawn, or of the finest that are kept."""
        return self.counts.at(min(drawn_order(self.counts), COUNTED))

    def cuts(self) -> tuple[float, float]:
        """Give the densities that the darkest and the brightest colour stand for."""
        return cuts_of(self.shown())

    def allsky(self, kind: str) -> bytes:
        """Give the picture of the whole sky, `png` or `fits`."""
        order, width = tiles.ALLSKY_ORDER, tiles.ALLSKY_WIDTH_ORDER
        pixels = range(12 * 4**order)
        if kind == "fits":
            counted = (self.counts.inside(order, pixel, order + width) for pixel in pixels)
            return tiles.as_fits(tiles.mosaic([tiles.image_of(each) for each in counted]))
        return tiles.as_png(tiles.mosaic([self.drawn(order, pixel, width) for pixel in pixels]), self.cuts())


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A picture of a HiPS that can be made."""

    file: str
    """What it is kept as."""
    kind: Literal["png", "fits"]
    make: Callable[[], bytes]

    @property
    def kept(self) -> bool:
        """Whether it is worth the disk: FITS tiles are large, and made at once."""
        return self.kind == "png"


def tile_of(path: str, density: Density) -> Tile:
    """Give the picture at a path of a HiPS (section 4.1).

    Raises
    ------
    NotFound
        There is none: the path is another, or no row is there.
    """
    found = TILE.fullmatch(path)
    if found is None:
        raise NotFound(f"A HiPS has no {path[:80]!r}.", "It has: properties, Moc.fits, Norder3/Allsky.png, and tiles.")
    kind: Literal["png", "fits"] = "fits" if found["kind"] == "fits" else "png"
    if found["order"] is None:
        return Tile(file=f"Allsky.{kind}", kind=kind, make=lambda: density.allsky(kind))
    order, folder, pixel = int(found["order"]), int(found["folder"]), int(found["pixel"])
    if order > finest(density.rows) or pixel >= 12 * 4**order or folder != pixel // DIR_SIZE * DIR_SIZE:
        raise NotFound(f"This HiPS has no tile {path[:80]!r}.", f"Its finest order is {finest(density.rows)}.")
    if not density.cells(order, pixel, order).any():
        raise NotFound(f"The catalog has no rows in {path[:80]!r}.")
    make = density.fits_tile if kind == "fits" else density.png_tile
    return Tile(file=f"Norder{order}-Npix{pixel}.{kind}", kind=kind, make=lambda: make(order, pixel))


def written(rows: Rows) -> datetime:
    """Give when a catalog's rows were written."""
    times = [path.stat().st_mtime for path in rows.witnesses if path.exists()]
    return datetime.fromtimestamp(times[0] if times else 0, UTC)


def listed(catalog: Catalog, rows: Rows, url: str, authority: str) -> dict[str, str]:
    """Give what a list of HiPS says of one (section 5.2): nothing is counted for it."""
    return {
        "creator_did": f"ivo://{authority or UNREGISTERED}/density/{catalog.name}",
        "hips_release_date": written(rows).strftime("%Y-%m-%dT%H:%MZ"),
        "hips_service_url": url,
        "hips_status": "public master unclonable" if catalog.readers is None else "private master unclonable",
        "hips_frame": "equatorial",
        "hips_order": str(finest(rows)),
        "hips_tile_format": "png fits",
        "obs_title": f"Density of {catalog.title}",
        "dataproduct_type": "image",
    }


def properties(catalog: Catalog, density: Density, url: str, authority: str) -> dict[str, str]:
    """Give the properties of a HiPS (section 4.4.1)."""
    order = finest(density.rows)
    said = {
        "obs_description": f"Rows of the catalog {catalog.name} on the sky. {catalog.description}",
        "obs_copyright": catalog.licence,
        "bib_reference": catalog.citation,
    }
    low, high = density.cuts()
    shown = density.shown()
    return {
        **listed(catalog, density.rows, url, authority),
        **{name: " ".join(text.split()) for name, text in said.items() if text},
        "hips_version": "1.4",
        "hips_builder": "Uraniborg",
        "hips_tile_width": str(2**tiles.WIDTH_ORDER),
        "hips_order_min": "0",
        "hips_pixel_bitpix": "32",
        "hips_pixel_cut": f"0 {int(density.counts.rows.max(initial=1))}",
        "hips_pixel_scale": f"{math.sqrt(tiles.WHOLE_SKY / (12 * 4 ** (order + tiles.WIDTH_ORDER))):.6g}",
        "hips_initial_fov": "90",
        "moc_sky_fraction": f"{len(shown.cells) / (12 * 4**shown.order):.6f}",
        "client_category": "Catalog density",
        "uraniborg_density_cut": f"{low:.4g} {high:.4g}",
    }


def document(values: dict[str, str]) -> str:
    """Give properties as text (section 4.4.1)."""
    return "".join(f"{name:<20} = {value}\n" for name, value in values.items())
