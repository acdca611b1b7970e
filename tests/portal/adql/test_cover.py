"""A cover holds everything that it should: it only chooses what is read."""

from __future__ import annotations

import astropy.units as u
import cdshealpix
import numpy as np
import pytest
from astropy.coordinates import SkyCoord, angular_separation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from uraniborg_portal.adql.band import REACH
from uraniborg_portal.adql.cover import SkyCover, around, cone, polygon, spread

ANGLES = np.linspace(0, 360, 60, endpoint=False) * u.deg
longitudes, latitudes = st.floats(0, 360), st.floats(-90, 90)


@settings(max_examples=40, deadline=None)
@given(ra=longitudes, dec=latitudes, radius=st.floats(0, 180))
@example(ra=10.0, dec=20.0, radius=89.9999999)
@example(ra=10.0, dec=20.0, radius=90.0)
@example(ra=10.0, dec=20.0, radius=180.0)
@example(ra=0.0, dec=90.0, radius=1e-6)
@example(ra=0.0, dec=-90.0, radius=0.0)
@example(ra=360.0, dec=0.0, radius=10.0)
@example(ra=350.0, dec=0.0, radius=36.0)
@example(ra=147.79, dec=2.24, radius=33.85)
def test_cone_holds_its_edge_and_centre(ra: float, dec: float, radius: float) -> None:
    center = SkyCoord(ra, dec, unit="deg")
    edge = center.directional_offset_by(ANGLES, radius * u.deg)
    moc = cone(ra, dec, radius).as_moc()
    assert (moc is None) == (radius >= 90), "a hemisphere and more is the whole sky"
    if moc is None:
        return
    assert moc.contains_lonlat(edge.ra, edge.dec).all()
    assert moc.contains_lonlat([center.ra.deg] * u.deg, [dec] * u.deg).all()


@settings(max_examples=40, deadline=None)
@given(ras=st.tuples(longitudes, longitudes), decs=st.tuples(latitudes, latitudes))
@example(ras=(0.0, 360.0), decs=(-85.3, -39.3))
@example(ras=(359.99, 360.0), decs=(89.9, 90.0))
@example(ras=(10.0, 10.0), decs=(5.0, 5.0))
@example(ras=(0.0, 0.0), decs=(44.0, 44.0))
def test_band_holds_its_edges_and_inside(ras: tuple[float, float], decs: tuple[float, float]) -> None:
    lon, lat = np.meshgrid(np.linspace(*sorted(ras), 12), np.linspace(*sorted(decs), 12))
    (west, east), (south, north) = sorted(ras), sorted(decs)
    moc = SkyCover(band=(west, east, south, north)).as_moc()
    inside = moc is None or moc.contains_lonlat(lon.ravel() * u.deg, lat.ravel() * u.deg).all()
    assert inside


@pytest.mark.parametrize("order", range(7))
def test_no_point_of_a_cell_is_farther_than_the_band_assumes(order: int) -> None:
    cells = np.arange(12 * 4**order, dtype=np.uint64)
    corners = cdshealpix.nested.vertices(cells, order)
    centers = cdshealpix.nested.healpix_to_lonlat(cells, order)
    farthest = angular_separation(*(each[:, None] for each in centers), *corners).max()
    assert farthest.to_value(u.deg) < REACH / 2**order


def test_polygon_holds_its_vertices() -> None:
    vertices = ((359.0, -1.0), (2.0, -1.0), (1.0, 3.0))
    moc = polygon(vertices).as_moc()
    assert moc is not None
    assert moc.contains_lonlat([v[0] for v in vertices] * u.deg, [v[1] for v in vertices] * u.deg).all()


def test_both_and_either() -> None:
    north, east = cone(10, 20, 5), SkyCover(band=(12.0, 50.0, -90.0, 90.0))
    both, either = (north & east).as_moc(), (north | east).as_moc()
    assert both is not None
    assert either is not None
    assert both.sky_fraction < north.moc.sky_fraction < either.sky_fraction


@pytest.mark.parametrize("values", [(np.nan, 0.0, 1.0), (0.0, 0.0, np.inf), (0.0, 0.0, -1.0)])
def test_no_cone_has_an_empty_cover(values: tuple[float, float, float]) -> None:
    region = cone(*values).as_moc()
    assert region is not None
    assert region.empty()


@settings(max_examples=60)
@given(
    st.floats(0, 360), st.floats(-90, 90), st.floats(0, 20) | st.sampled_from([0.0, 1e-4, 1 / 3600, 89.9, 90.0, 150.0]),
    st.floats(0, 180) | st.sampled_from([0.0, 1 / 3600]), st.floats(0, 360), st.floats(0, 1),
)  # fmt: skip
def test_what_is_near_a_region_is_in_the_spread_one(
    lon: float, lat: float, radius: float, reach: float, angle: float, part: float
) -> None:
    center = SkyCoord(lon * u.deg, lat * u.deg)
    edge = center.directional_offset_by(angle * u.deg, (radius + reach * part) * u.deg)
    wider = spread(cone(lon, lat, radius).as_moc(), reach)
    assert wider is None or wider.contains_lonlat(edge.ra, edge.dec)
    near = around(np.array([lon, np.nan]), np.array([lat, 0.0]), reach)
    beside = center.directional_offset_by(angle * u.deg, reach * part * u.deg)
    assert near is None or near.contains_lonlat(beside.ra, beside.dec)


def test_positions_that_are_none_are_near_nothing() -> None:
    region = around(np.array([np.nan, 10.0]), np.array([0.0, np.inf]), 1.0)
    assert region is not None
    assert region.empty()
