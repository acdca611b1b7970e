"""Strain of GW150914 and others, against what is known of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table
from gwpy.timeseries import TimeSeries

from uraniborg_portal.instruments.gw.events import EVENTS, strain_of
from uraniborg_portal.instruments.gw.series import Series, read
from uraniborg_portal.instruments.gw.strain import bandpass, whiten
from uraniborg_portal.instruments.models import Product

BANDS = [(35, 350), (20, 300), (43, 300), (30, 400)]


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize(("detector", "heights"), [("H1", (6, 10)), ("L1", (6, 8))])
def test_whitened_gw150914_peaks_at_its_time(
    make: Callable[..., Product],
    fact: Callable[..., float],
    band: tuple[float, float],
    detector: str,
    heights: tuple[float, float],
) -> None:
    product = make(detector=detector, band_low=band[0], band_high=band[1])
    assert fact(product, "peak_time") == pytest.approx(1126259462.42, abs=0.006)
    assert heights[0] < abs(fact(product, "peak")) < heights[1]


def h1(files: Callable[..., dict[str, Path]]) -> Series:
    """All of H1 around GW150914."""
    described = strain_of("H1", EVENTS["GW150914"].time, "GW150914")
    return read(files(described.name)[described.name], described)


def test_whitened_noise_is_white(files: Callable[..., dict[str, Path]]) -> None:
    series = h1(files)
    noise = whiten(series, 35, 350).cut(series.start + 2, series.start + 14)
    spectrum = np.abs(np.fft.rfft(noise.values.reshape(6, -1), axis=1)) ** 2
    frequencies = np.fft.rfftfreq(noise.values.size // 6, 1 / noise.rate)
    low, high = (spectrum[:, (frequencies > a) & (frequencies < b)].mean() for a, b in ((60, 150), (200, 330)))
    assert 0.5 < low / high < 2
    assert noise.values.std() == pytest.approx(1, abs=0.1)


def test_notches_take_the_lines_away(files: Callable[..., dict[str, Path]]) -> None:
    def line(notch: bool) -> float:
        passed = bandpass(h1(files), 35, 350, notch=notch)
        inner = passed.cut(passed.start + 4, passed.start + 28)
        frequencies = np.fft.rfftfreq(inner.values.size, 1 / inner.rate)
        return float(np.abs(np.fft.rfft(inner.values))[np.argmin(np.abs(frequencies - 60))])

    assert line(True) < 0.05 * line(False)


def test_raw_is_what_was_released(
    make: Callable[..., Product], files: Callable[..., dict[str, Path]], tmp_path: Path
) -> None:
    product = make(processing="raw", window=0.5)
    for file in product.files:
        file.write(tmp_path / file.name)
    rows = Table.read(next(tmp_path.glob("*.fits")))
    expected = h1(files).cut(float(rows["time"][0]), float(rows["time"][0]) + 0.5)
    np.testing.assert_array_equal(rows["strain"], expected.values)
    again = TimeSeries.read(next(tmp_path.glob("*.hdf5")), path="H1:STRAIN", format="hdf5")
    np.testing.assert_array_equal(again.value, expected.values)
    assert again.t0.value == pytest.approx(float(rows["time"][0]), abs=1e-6)


def test_other_events_and_virgo_come_from_the_registry(
    make: Callable[..., Product], fact: Callable[..., float]
) -> None:
    assert fact(make(event="GW151226", detector="L1"), "samples") == 2048
    virgo = make(time=968654552.5, detector="V1", processing="raw", window="200 ms")
    assert fact(virgo, "sample_rate") == 16384
