"""The two HEALPix maps of a HATS table: how many rows each cell holds, and thereby where the catalog covers the sky."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from uraniborg_portal.catalogs import layout
from uraniborg_portal.catalogs.shard import Indices

ORDER = 6
"""Order of the maps: cells of 55 arcmin, 200 kB."""


def write(index: Indices, folder: Path) -> None:
    """Write `skymap.fits` and `point_map.fits` of rows with these HEALPix indices of order 29."""
    counts = np.bincount(index >> (2 * (layout.HEALPIX_ORDER - ORDER)), minlength=12 * 4**ORDER)
    # Imports matplotlib, seconds that only an installation should wait for.
    from cdshealpix.skymap.skymap import SkymapImplicit

    implicit: Any = SkymapImplicit
    implicit(counts.astype(np.int64), null_value=0).to_fits(str(folder / layout.SKYMAP))
    shutil.copyfile(folder / layout.SKYMAP, folder / layout.POINT_MAP)
