"""The instruments that are installed: every entry point of the group `uraniborg.instruments`."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from uraniborg_portal.errors import NotFound
from uraniborg_portal.instruments.models import Instrument
from uraniborg_portal.instruments.refusals import nearest, shown

GROUP = "uraniborg.instruments"


@cache
def instruments() -> dict[str, Instrument]:
    """Give every installed instrument by name."""
    found = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    return {entry.name: entry.load() for entry in found}


def instrument(name: str) -> Instrument:
    """Give the instrument of that name.

    Raises
    ------
    NotFound
        None has it; the message lists those that there are.
    """
    known = instruments()
    if name not in known:
        raise NotFound(
            f"There is no instrument {shown(name)}; there is {', '.join(known)}.", nearest(name, known), field="name"
        )
    return known[name]
