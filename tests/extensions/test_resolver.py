"""Names that the local tables know, without a network."""

from __future__ import annotations

import pytest

import uraniborg as ub
from uraniborg._portal import Portal


def test_object(portal: Portal) -> None:
    target = ub.resolve("M42")
    assert target.coordinates is not None
    assert target.coordinates.ra.deg == pytest.approx(83.82, abs=0.05)
    assert "M42" in str(target) or "M 42" in str(target)
    assert target.source in target._repr_html_()


def test_event_has_a_time(portal: Portal) -> None:
    target = ub.resolve("GW150914")
    assert target.time is not None
    assert target.time.utc.isot.startswith("2015-09-14T09:50:45")
    assert target.kind == "event"


def test_coordinates(portal: Portal) -> None:
    target = ub.resolve("05h35m17s -05d23m28s")
    assert (target.ra, target.dec) == (pytest.approx(83.8208, abs=1e-3), pytest.approx(-5.3911, abs=1e-3))


def test_unknown_name_has_suggestions(portal: Portal) -> None:
    with pytest.raises(ub.UraniborgError) as raised:
        ub.resolve("Bernard's Star")
    assert raised.value.code == "not_found"
    assert any("Barnard" in name for name in raised.value.suggestions)
