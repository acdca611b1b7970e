"""Stars that move."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.resolver.models import moved


def test_barnards_star_moves_6_arcmin_in_35_years() -> None:
    ra, dec = moved(269.45402305, 4.66828815, -797.84, 10326.93, 2026 - 1991.25)
    assert (ra, dec) == pytest.approx((269.446295, 4.767972), abs=1e-6)


def test_a_star_passes_over_the_pole() -> None:
    ra, dec = moved(0.0, 89.999, 0.0, 3_600_000.0, 0.002)
    assert (ra, dec) == pytest.approx((180.0, 89.999), abs=1e-9)


@given(st.floats(0, 359.9), st.floats(-89.9, 89.9), st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_there_and_back(ra: float, dec: float, pmra: float, pmdec: float) -> None:
    there = moved(ra, dec, pmra, pmdec, 0.0)
    assert there == (ra, dec)
