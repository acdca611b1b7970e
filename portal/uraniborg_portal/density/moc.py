"""The coverage of a catalog as a MOC (IVOA MOC 2.0): the cells that have rows."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from mocpy import MOC

from uraniborg_portal.density.counts import Counts

FITS = "application/fits"
JSON = "application/json"


def coverage(counts: Counts) -> MOC:
    """Give the cells that have rows, at the order of the counts."""
    cells = counts.cells.astype(np.uint64)
    found: MOC = MOC.from_healpix_cells(cells, np.full(len(cells), counts.order, np.uint8), counts.order)
    return found


def as_fits(moc: MOC) -> bytes:
    """Give the FITS file of a MOC, as RANGE (MOC 2.0, section 4.3.2)."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "moc.fits"
        moc.save(str(path), format="fits")
        return path.read_bytes()


def as_json(moc: MOC) -> bytes:
    """Give the JSON form of a MOC (MOC 2.0, section 4.3.4)."""
    return str(moc.to_string(format="json")).encode()
