"""Positions in hours, minutes and seconds."""

from __future__ import annotations

import pytest

from uraniborg_portal.web.sexagesimal import sexagesimal


@pytest.mark.parametrize(
    ("ra", "dec", "text"),
    [
        (83.82208, -5.39111, "05h 35m 17.3s \N{MINUS SIGN}05° 23\N{PRIME} 28\N{DOUBLE PRIME}"),
        (0.0, 0.0, "00h 00m 00.0s +00° 00\N{PRIME} 00\N{DOUBLE PRIME}"),
        (359.99999, 89.9999, "00h 00m 00.0s +90° 00\N{PRIME} 00\N{DOUBLE PRIME}"),
        (15.0, -0.5, "01h 00m 00.0s \N{MINUS SIGN}00° 30\N{PRIME} 00\N{DOUBLE PRIME}"),
    ],
)
def test_positions(ra: float, dec: float, text: str) -> None:
    assert sexagesimal(ra, dec) == text
