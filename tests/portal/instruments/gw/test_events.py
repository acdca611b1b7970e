"""The table of events and data files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import h5py
import pytest
from astropy.io import fits
from astropy.time import Time

from uraniborg_portal.errors import BadParameter
from uraniborg_portal.instruments.gw.events import EVENTS, STRAIN, strain_of
from uraniborg_portal.registry.entries import entries


def test_every_data_file_is_in_the_registry() -> None:
    wanted = {strain.name for strain in STRAIN} | {event.skymap for event in EVENTS.values()}
    wanted |= {event.template for event in EVENTS.values() if event.template}
    assert wanted <= entries().keys()


@pytest.mark.parametrize("strain", STRAIN, ids=lambda strain: f"{strain.detector} {strain.start}")
def test_stretches_are_as_their_files_say(files: Callable[..., Mapping[str, Path]], strain: object) -> None:
    with h5py.File(files(strain.name)[strain.name]) as opened:
        samples = opened[strain.dataset]
        start = samples.attrs.get("Xstart", samples.attrs.get("x0"))
        assert start == strain.start
        assert len(samples) == strain.duration * strain.sample_rate


@pytest.mark.parametrize(
    "event", [event for event in EVENTS.values() if event.name > "GW19"], ids=lambda each: each.name
)
def test_times_are_those_of_the_sky_maps(files: Callable[..., Mapping[str, Path]], event: object) -> None:
    observed = fits.getheader(files(event.skymap)[event.skymap], 1)["DATE-OBS"]
    assert Time(observed, scale="utc").gps == pytest.approx(event.time, abs=0.01)


def test_what_is_missing_is_said() -> None:
    with pytest.raises(BadParameter, match="accepted for GW150914: H1 or L1"):
        strain_of("V1", EVENTS["GW150914"].time, "GW150914")
    with pytest.raises(BadParameter, match="strain is here for GW150914, GW151226, GPS 968654552 to 968654553"):
        strain_of("H1", 1.0, "GPS 1.0")
