"""What a module starts with, from a page's query parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from uraniborg_portal.instruments.models import Instrument

LONGEST = 200
"""Characters that a parameter may fill a field with."""
UNITS = ("arcsec", "arcmin", "deg")


def catalog_state(name: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Give the state of a catalog's form: `target` and `radius` (`30 arcmin`) of the address, if they are there."""
    state: dict[str, Any] = {"catalog": name}
    if target := given.get("target", "")[:LONGEST]:
        state["target"] = target
    amount, _, unit = given.get("radius", "")[:LONGEST].partition(" ")
    if amount and unit in UNITS:
        state |= {"radius": amount, "radiusUnit": unit}
    return state


def instrument_state(instrument: Instrument, given: Mapping[str, str]) -> dict[str, Any]:
    """Give the state of an instrument's form: those parameters of the address that it has."""
    known = instrument.parameters.model_fields
    values = {name: text[:LONGEST] for name, text in given.items() if name in known}
    return {"name": instrument.name, "values": values}
