"""Paths are where HATS readers look for them."""

from __future__ import annotations

import pytest

from uraniborg_portal.catalogs import layout


@pytest.mark.parametrize(
    ("order", "pixel", "suffix", "expected"),
    [
        (0, 0, ".parquet", "dataset/Norder=0/Dir=0/Npix=0.parquet"),
        (3, 277, ".parquet", "dataset/Norder=3/Dir=0/Npix=277.parquet"),
        (9, 123_456, ".parq", "dataset/Norder=9/Dir=120000/Npix=123456.parq"),
        (1, 5, "/", "dataset/Norder=1/Dir=0/Npix=5"),
    ],
)
def test_partitions(order: int, pixel: int, suffix: str, expected: str) -> None:
    assert layout.partition(order, pixel, suffix).as_posix() == expected


@pytest.mark.parametrize(("arcsec", "expected"), [(10.0, "x_10arcs"), (900.0, "x_900arcs"), (2.5, "x_2p5arcs")])
def test_margins(arcsec: float, expected: str) -> None:
    assert layout.margin_name("x", arcsec) == expected
