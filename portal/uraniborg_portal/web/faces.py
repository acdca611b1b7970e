"""The addresses by which other programs read a catalog, for its page."""

from __future__ import annotations

from dataclasses import dataclass

from uraniborg_portal import links
from uraniborg_portal.catalogs.models import Catalog


@dataclass(frozen=True, kw_only=True)
class Face:
    """One way to read a catalog."""

    title: str
    text: str
    """Which programs take the address."""
    path: str
    """Below the portal's prefix."""


def faces(catalog: Catalog, *, published: bool, here: bool) -> tuple[Face, ...]:
    """Give the ways to read a catalog besides its page.

    It has a record where the portal says who publishes it, and a HiPS where its rows are here.
    """
    density = Face(title="Density", text="HiPS, for Aladin and others", path=links.density(catalog.name))
    record = Face(title="Record", text="VOResource, for a registry", path=links.record(catalog.name))
    return (
        Face(title="TAP", text=f"ADQL: table {catalog.name}", path="tap"),
        Face(title="Cone search", text="RA, DEC and SR in degrees", path=links.cone_search(catalog.name)),
        Face(title="Coverage", text="MOC in FITS; format=json too", path=links.coverage(catalog.name)),
        *((density,) if here else ()),
        *((record,) if published and catalog.readers is None else ()),
    )
