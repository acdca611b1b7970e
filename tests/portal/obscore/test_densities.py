"""Where on the sky a catalog is said to be."""

from __future__ import annotations

from pathlib import Path

import pytest
from mocpy import MOC

from uraniborg_portal.catalogs.models import Collection
from uraniborg_portal.catalogs.shards import Shards
from uraniborg_portal.obscore.densities import observation


def shards(*cells: tuple[int, int]) -> Shards:
    folder = Path("catalog")
    collection = Collection(
        root=folder, primary=folder, margin=None, margin_arcsec=0, healpix_column=None, healpix_order=29
    )
    return Shards(collection, [(order, pixel, 1, 0) for order, pixel in cells])


def test_a_part_of_the_sky_has_a_middle() -> None:
    found = observation(shards((3, 100), (3, 101), (3, 102), (3, 103)))
    assert found.s_ra is not None and found.s_dec is not None and found.s_fov is not None and found.s_region
    area = MOC.from_stcs(found.s_region, max_depth=8)
    assert area.barycenter().ra.deg == pytest.approx(found.s_ra, abs=0.5)
    assert 14.6 < found.s_fov < 30


def test_most_of_the_sky_has_none() -> None:
    found = observation(shards(*((0, pixel) for pixel in range(12))))
    assert (found.s_ra, found.s_dec, found.s_fov) == (None, None, 360.0)
    assert found.s_region is not None and len(found.s_region) < 5_000


def test_a_catalog_without_rows_is_nowhere() -> None:
    found = observation(shards())
    assert (found.s_ra, found.s_dec, found.s_fov, found.s_region) == (None, None, 0.0, None)
