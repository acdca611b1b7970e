"""What can be done next with a search hit: cones in catalogs, and instruments that know the event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.instruments.models import Instrument
from uraniborg_portal.instruments.parameters import json_schema
from uraniborg_portal.links import catalog_page, instrument_page
from uraniborg_portal.resolver.models import Resolved

RADIUS = {"star": "10 arcmin", "cluster": "1 deg", "nebula": "1 deg", "position": "1 deg"}
"""Radius of the offered cone by the kind of object; `30 arcmin` for others."""


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """A button of the page that a search leads to."""

    title: str
    text: str
    path: str


def cones(found: Resolved, query: str, catalogs: Iterable[Catalog]) -> tuple[NextStep, ...]:
    """Give a cone search per catalog; none for an event without a position."""
    if found.ra is None:
        return ()
    radius = RADIUS.get(found.kind, "30 arcmin")
    words = urlencode({"target": query, "radius": radius})
    return tuple(
        NextStep(title=each.title, text=f"{radius} around it", path=f"{catalog_page(each.name)}?{words}")
        for each in catalogs
    )


def events_of(instrument: Instrument) -> list[Any]:
    """Give the events that an instrument's form names."""
    return list(json_schema(instrument.parameters)["properties"].get("event", {}).get("enum") or ())


def runs(found: Resolved, instruments: Iterable[Instrument]) -> tuple[NextStep, ...]:
    """Give a form per product of the instruments that know this event."""
    name = found.name.upper()
    return tuple(
        NextStep(
            title=f"{instrument.title}: {product.title}",
            text=product.description,
            path=f"{instrument_page(instrument.name)}?{urlencode({'event': name, 'product': product.name})}",
        )
        for instrument in instruments
        if name in events_of(instrument)
        for product in instrument.products
    )
