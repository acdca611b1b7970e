"""Sky maps of the GWTC release, against their known areas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from mocpy import MOC

from uraniborg_portal.instruments.gw.events import EVENTS
from uraniborg_portal.instruments.gw.skymap import SkyMap, read, region, sample
from uraniborg_portal.instruments.models import Product

AREAS = [("GW150914", 199), ("GW170814", 93), ("GW170818", 39), ("GW190412", 21)]


def sky(files: Callable[..., Mapping[str, Path]], event: str) -> SkyMap:
    """The map of an event."""
    name = EVENTS[event].skymap
    return read(files(name)[name])


@pytest.mark.parametrize(("event", "area"), AREAS)
def test_the_90_percent_area_is_the_published_one(
    files: Callable[..., Mapping[str, Path]], event: str, area: float
) -> None:
    assert sky(files, event).area_of(0.9) == pytest.approx(area, rel=0.02)


@pytest.mark.parametrize("event", EVENTS)
def test_every_map_is_a_probability_over_the_whole_sky(files: Callable[..., Mapping[str, Path]], event: str) -> None:
    one = sky(files, event)
    assert (one.area * one.density).sum() == pytest.approx(1, abs=1e-3)
    assert one.area.sum() == pytest.approx(41252.96, rel=1e-6)
    assert (np.diff(one.density) <= 0).all()


def test_regions_are_mocs_that_hold_their_probability(
    make: Callable[..., Product], files: Callable[..., Mapping[str, Path]], tmp_path: Path
) -> None:
    one = sky(files, "GW150914")
    for file in make(product="skymap").files:
        file.write(tmp_path / file.name)
    for level in (0.5, 0.9):
        moc = MOC.from_fits(tmp_path / f"GW150914_region{level * 100:.0f}.moc.fits")
        area = moc.sky_fraction * 41252.96
        assert one.area_of(level) <= area < one.area_of(level) * 1.02
        assert moc == region(one, level)


def test_a_sample_is_the_cell_that_holds_the_position(files: Callable[..., Mapping[str, Path]]) -> None:
    one = sky(files, "GW150914")
    longitude, latitude = np.array([np.nan, 110.0, 200.0]), np.array([np.nan, -70.0, 40.0])
    density, level = sample(one, longitude, latitude)
    assert np.isnan(density[0])
    assert np.isnan(level[0])
    inside = region(one, 0.9).contains_lonlat(longitude[1:] * _deg(), latitude[1:] * _deg())
    np.testing.assert_array_equal(level[1:] < 0.9, inside)


def _deg() -> object:
    from astropy import units

    return units.deg


def test_facts_have_area_and_distance(make: Callable[..., Product], fact: Callable[..., float]) -> None:
    product = make(product="skymap")
    assert fact(product, "area_90") == pytest.approx(199, rel=0.02)
    assert fact(product, "area_50") < fact(product, "area_90")
    assert fact(product, "distance") == pytest.approx(434.3, abs=0.1)
