"""Mollweide's projection there and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.instruments.gw.mollweide import longitude_latitude, project


@given(st.floats(-179.9, 179.9), st.floats(-89, 89), st.floats(0, 360))
def test_there_and_back(east: float, latitude: float, center: float) -> None:
    x, y = project(np.array([east]), np.array([latitude]))
    longitude, back = longitude_latitude(x, y, center)
    assert (longitude[0] - center - east + 180) % 360 - 180 == pytest.approx(0, abs=1e-5)
    assert back[0] == pytest.approx(latitude, abs=1e-6)


def test_edges_and_what_is_outside() -> None:
    x, y = project(np.array([-180.0, 180.0, 0.0, 0.0]), np.array([0.0, 0.0, 90.0, -90.0]))
    np.testing.assert_allclose(x, [2, -2, 0, 0], atol=1e-6)
    np.testing.assert_allclose(y, [0, 0, 1, -1], atol=1e-12)
    longitude, latitude = longitude_latitude(np.array([1.9, 0.0]), np.array([0.9, 0.0]), 180.0)
    assert np.isnan(longitude[0])
    assert np.isnan(latitude[0])
    assert longitude[1] == 180
    assert abs(latitude[1]) < 1e-12


def test_areas_are_kept() -> None:
    x, y = np.meshgrid(np.linspace(-2, 2, 2001), np.linspace(-1, 1, 1001))
    _, latitude = longitude_latitude(x, y, 0)
    inside = np.isfinite(latitude)
    assert (np.abs(latitude[inside]) < 30).mean() == pytest.approx(0.5, abs=0.002)
