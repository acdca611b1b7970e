"""The matched filter finds GW150914 as the detectors' own search did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from uraniborg_portal.instruments.gw.matched_filter import matched
from uraniborg_portal.instruments.models import Product


def test_gw150914_in_both_detectors(make: Callable[..., Product], fact: Callable[..., float], tmp_path: Path) -> None:
    product = make(product="matched_filter")
    assert fact(product, "snr_H1") == pytest.approx(18.6, rel=0.05)
    assert fact(product, "snr_L1") == pytest.approx(13.2, rel=0.05)
    assert fact(product, "lead") == pytest.approx(7.1, abs=0.5)
    assert fact(product, "time_L1") < fact(product, "time_H1")
    assert next(each.title for each in product.summary if each.name == "lead") == "L1 leads H1 by"
    ecsv = next(each for each in product.files if each.name.endswith(".ecsv"))
    ecsv.write(tmp_path / ecsv.name)
    rows = Table.read(tmp_path / ecsv.name)
    assert rows["snr_H1"].max() == pytest.approx(18.6, rel=0.05)


def test_noise_alone_has_the_ratio_of_noise_and_a_signal_its_own() -> None:
    rate, size, amplitude = 1024, 32 * 1024, 5.0
    generator = np.random.default_rng(1)
    noise = generator.normal(size=size)
    seconds = (np.arange(size) - size // 2) / rate
    wave = np.exp(-((seconds / 0.005) ** 2)) * np.exp(2j * np.pi * 100 * seconds)
    ratio = matched(noise, wave, rate)
    inner = ratio[4 * rate : -4 * rate]
    assert np.mean(inner**2) == pytest.approx(2, rel=0.15)
    shifted = np.roll(wave.real, 2 * rate)
    expected = amplitude * np.sqrt((shifted**2).sum())
    found = matched(noise + amplitude * shifted, wave, rate)
    assert int(np.argmax(found)) == pytest.approx(size // 2 + 2 * rate, abs=3)
    assert found.max() == pytest.approx(expected, rel=0.2)
