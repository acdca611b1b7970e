"""The Q-transform of GW150914: a chirp that rises to the merger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from uraniborg_portal.instruments.models import Product


def written(product: Product, folder: Path, kind: str) -> Path:
    """The product's file of this kind, written."""
    file = next(each for each in product.files if each.name.endswith(kind))
    file.write(folder / file.name)
    return folder / file.name


def test_the_chirp_rises_to_the_merger(
    make: Callable[..., Product], fact: Callable[..., float], tmp_path: Path
) -> None:
    product = make(product="spectrogram")
    assert fact(product, "peak_time") == pytest.approx(1126259462.42, abs=0.02)
    assert 60 < fact(product, "peak_frequency") < 250
    assert fact(product, "peak_energy") > 50
    assert 4 <= fact(product, "q") <= 64
    with fits.open(written(product, tmp_path, ".fits")) as opened:
        header, energy = opened[0].header, opened[0].data
    times = header["CRVAL1"] + header["CDELT1"] * np.arange(energy.shape[1])
    rows = header["CRVAL2"] * np.exp(header["CDELT2"] * np.arange(energy.shape[0]) / header["CRVAL2"])
    assert header["CTYPE2"] == "FREQ-LOG"
    assert rows[0] == pytest.approx(20)
    assert rows[-1] == pytest.approx(500, rel=0.01)
    loudest = [
        rows[np.argmax(energy[:, np.argmin(np.abs(times - 1126259462.42 - shift))])] for shift in (-0.06, -0.02, 0)
    ]
    assert loudest == sorted(loudest)


def test_the_q_range_is_kept(make: Callable[..., Product], fact: Callable[..., float]) -> None:
    assert 20 <= fact(make(product="spectrogram", q_low=20, q_high=40), "q") <= 40


def test_the_picture_is_a_png(make: Callable[..., Product], tmp_path: Path) -> None:
    content = written(make(product="spectrogram", detector="L1"), tmp_path, ".png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) > 10_000
