"""The two HEALPix maps of a HATS table: how many rows each cell holds, and thereby where the catalog covers the sky."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import cdshealpix
import numpy as np

from uraniborg_portal.catalogs import layout
from uraniborg_portal.catalogs.shard import Indices

ORDER = 6
"""Order of the maps: cells of 55 arcmin, 200 kB."""


def counts(index: Indices) -> Indices:
    """Count the rows in each cell of the maps."""
    cells = index >> (2 * (layout.HEALPIX_ORDER - ORDER))
    return np.bincount(cells, minlength=12 * 4**ORDER).astype(np.int64)


def read(folder: Path) -> Indices:
    """Give what `write` was given of a table whose maps it wrote."""
    parse: Any = vars(cdshealpix)["cdshealpix"].read_skymap_implicit
    _, found = parse((folder / layout.SKYMAP).read_bytes())
    return np.asarray(found).astype(np.int64)


def write(counted: Indices, folder: Path) -> None:
    """Write `skymap.fits` and `point_map.fits` of what `counts` gave."""
    # What the library's `Skymap.to_fits` calls; to import that imports matplotlib, which takes longer than the rest.
    to_fits: Any = vars(cdshealpix)["cdshealpix"].write_skymap_implicit
    to_fits(counted, str(folder / layout.SKYMAP))
    shutil.copyfile(folder / layout.SKYMAP, folder / layout.POINT_MAP)
