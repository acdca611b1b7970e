"""What is said of a dataset: where in space, time and spectrum it is, and what there is of it to download."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ProductType = Literal["image", "cube", "spectrum", "sed", "timeseries", "visibility", "event", "measurements"]
"""The words of ObsCore 1.1, section 3.3.1."""

THIS = "#this"
"""The semantics of the dataset itself (DataLink core vocabulary)."""
ABOUT = frozenset({"#documentation", "#progenitor"})
"""The semantics of what tells of a dataset, and is no part of it."""


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What ObsCore 1.1 (table 1) says of a dataset besides its names and addresses; fields have its names and units."""

    dataproduct_type: ProductType | None = None
    """What it is first of all; None where no word fits."""
    dataproduct_subtype: str | None = None
    """What it is in words of its maker."""
    calib_level: int = 3
    """0 raw, 1 instrumental, 2 calibrated, 3 enhanced, 4 the outcome of an analysis."""
    target_name: str | None = None
    s_ra: float | None = None
    """Right ascension of the middle, degrees, ICRS."""
    s_dec: float | None = None
    """Declination of the middle, degrees, ICRS."""
    s_fov: float | None = None
    """Diameter of a circle around the middle that holds all, degrees."""
    s_region: str | None = None
    """Where on the sky it is, STC-S."""
    s_resolution: float | None = None
    """Arcseconds."""
    t_min: float | None = None
    """Begin, MJD (UTC)."""
    t_max: float | None = None
    """End, MJD (UTC)."""
    t_exptime: float | None = None
    """Seconds."""
    t_resolution: float | None = None
    """Seconds."""
    em_min: float | None = None
    """Shortest wavelength, metres."""
    em_max: float | None = None
    """Longest wavelength, metres."""
    o_ucd: str | None = None
    """The UCD of what was measured."""
    facility_name: str | None = None
    instrument_name: str | None = None
    s_xel1: int | None = None
    s_xel2: int | None = None
    t_xel: int | None = None
    em_xel: int | None = None


@dataclass(frozen=True, kw_only=True)
class Link:
    """One thing that there is of a dataset."""

    url: str
    """Where it is: relative to the portal, or absolute where others have it."""
    semantics: str
    """A term of the DataLink core vocabulary, with its `#`."""
    content_type: str
    """Its media type."""
    size: int | None = None
    """Bytes; None where that is not known before it is made."""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A dataset that the portal holds."""

    key: str
    """What tells it from all others here, as `products/3f2a`."""
    collection: str
    title: str
    created: float | None = None
    """When it was made, Unix seconds; None where that is not known."""
    observation: Observation
    links: tuple[Link, ...]
    """All there is of it; those whose semantics is `#this` are the dataset."""

    @property
    def itself(self) -> tuple[Link, ...]:
        """Give the links that are the dataset."""
        return tuple(link for link in self.links if link.semantics == THIS)

    @property
    def files(self) -> tuple[Link, ...]:
        """Give the links to the dataset and all that belongs to it."""
        return tuple(link for link in self.links if link.semantics not in ABOUT)
