"""Addresses fill forms, with what a form has and nothing else."""

from __future__ import annotations

import pytest

from uraniborg_portal.instruments.installed import instrument
from uraniborg_portal.web.start_state import catalog_state, instrument_state


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({}, {}),
        ({"target": "M42", "radius": "1 deg"}, {"target": "M42", "radius": "1", "radiusUnit": "deg"}),
        ({"radius": "1 parsec", "other": "x"}, {}),
        ({"target": "x" * 1000}, {"target": "x" * 200}),
    ],
)
def test_catalog(given: dict[str, str], state: dict[str, str]) -> None:
    assert catalog_state("hipparcos", given) == {"catalog": "hipparcos", **state}


def test_instrument() -> None:
    state = instrument_state(instrument("gw"), {"event": "GW150914", "product": "skymap", "evil": "1"})
    assert state == {"name": "gw", "values": {"event": "GW150914", "product": "skymap"}}
