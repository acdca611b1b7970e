"""Pairs within an angle are those that astropy finds, anywhere on the sphere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord, angular_separation, search_around_sky
from hypothesis import example, given, settings
from hypothesis import strategies as st

from uraniborg_portal.engine.pairs import pairs
from uraniborg_portal.errors import TooLarge

Degrees = npt.NDArray[np.float64]
LONGITUDES = st.floats(-10, 370) | st.sampled_from([0.0, 360.0, 180.0, 359.9999])
LATITUDES = st.floats(-90, 90) | st.sampled_from([90.0, -90.0, 0.0, 89.9999])
PLACES = st.lists(st.tuples(LONGITUDES, LATITUDES), max_size=12)
ANGLES = st.floats(0, 44) | st.sampled_from([0.0, 1 / 3600, 0.01, 1.0])
EDGE = 2e-9
"""Degrees from the angle within which last digits decide."""


def columns(places: list[tuple[float, float]]) -> tuple[Degrees, Degrees]:
    table = np.array(places, dtype=float).reshape(-1, 2)
    return table[:, 0], table[:, 1]


@settings(max_examples=300, deadline=None)
@given(first=PLACES, second=PLACES, degrees=ANGLES)
@example(first=[(0.0, 0.0)], second=[(360.0, 0.0)], degrees=0.0)
@example(first=[(10.0, 90.0)], second=[(200.0, 90.0), (200.0, 89.5)], degrees=0.5)
@example(first=[(359.999, 60.0)], second=[(0.001, 60.0)], degrees=0.01)
def test_pairs_are_those_within_the_angle(
    first: list[tuple[float, float]], second: list[tuple[float, float]], degrees: float
) -> None:
    a, b = columns(first), columns(second)
    away = np.degrees(
        angular_separation(*(np.radians(each) for each in (a[0][:, None], a[1][:, None], b[0][None], b[1][None])))
    )
    near = pairs(a, b, degrees)
    found = set(zip(near.left.tolist(), near.right.tolist(), strict=True))
    assert len(found) == len(near.left)
    sure = set(zip(near.left[near.sure].tolist(), near.right[near.sure].tolist(), strict=True))
    assert sure <= set(zip(*(rows.tolist() for rows in np.nonzero(away <= degrees)), strict=True))
    assert found >= set(zip(*(rows.tolist() for rows in np.nonzero(away <= degrees - EDGE)), strict=True))
    assert found <= set(zip(*(rows.tolist() for rows in np.nonzero(away <= degrees + EDGE)), strict=True))


def test_a_crowded_field_is_that_of_astropy() -> None:
    random = np.random.default_rng(7)
    a = random.normal(266.4, 0.3, 20_000), random.normal(-29.0, 0.3, 20_000)
    b = a[0][::2] + 1e-4, a[1][::2]
    found = pairs(a, b, 0.003)
    left, right = found.left, found.right
    where = [SkyCoord(lon * u.deg, lat * u.deg) for lon, lat in (a, b)]
    i, j, _, _ = search_around_sky(*where, 0.003 * u.deg)
    assert sorted(zip(left.tolist(), right.tolist(), strict=True)) == sorted(zip(i.tolist(), j.tolist(), strict=True))
    assert (np.diff(left) >= 0).all()


def test_what_is_no_position_is_near_nothing() -> None:
    nowhere = np.array([np.nan, 10.0, 10.0, np.inf]), np.array([0.0, np.nan, 91.0, 0.0])
    assert not len(pairs(nowhere, nowhere, 10).left)


def test_too_many_pairs_are_refused() -> None:
    same = np.zeros(10_000), np.zeros(10_000)
    with pytest.raises(TooLarge, match="30,000,000 pairs"):
        pairs(same, same, 1)
