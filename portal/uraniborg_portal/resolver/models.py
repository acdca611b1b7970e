"""What a name resolves to, and what resolves it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

J2000 = 2000.0


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """An object, event or position; positions are ICRS at epoch J2000."""

    name: str
    """The name as its source writes it."""
    kind: str
    """`star`, `galaxy`, `nebula`, `cluster`, `event`, `position` or another word for what it is."""
    source: str
    """What gave this: `coordinates`, `local table X`, or `CDS Sesame (Y)`."""
    ra: float | None = None
    """Right ascension, degrees; None for an event without a position."""
    dec: float | None = None
    """Declination, degrees."""
    pmra: float | None = None
    """Proper motion in right ascension times cos(dec), mas/yr; None where unknown."""
    pmdec: float | None = None
    """Proper motion in declination, mas/yr."""
    time_gps: float | None = None
    """Time of an event, GPS seconds."""
    time_utc: str | None = None
    """The same, ISO 8601, UTC."""
    aliases: tuple[str, ...] = ()
    """Other names of it."""

    def as_json(self) -> dict[str, object]:
        """Give the answer of `GET api/resolve`."""
        return {**self.__dict__, "epoch": J2000 if self.ra is not None else None, "aliases": list(self.aliases)}


class Source(Protocol):
    """A place where names are known. It holds no state that one question leaves for the next."""

    name: str
    """Shown to users."""

    def resolve(self, text: str) -> Resolved | None:
        """Give what `text` names, None where this source does not know it.

        Raises
        ------
        BadParameter
            The text is of this source's form and wrong (a declination of 95 degrees).
        Unavailable
            The source does not answer.
        """

    def candidates(self) -> Iterable[str]:
        """Give the names that a misspelt one may have meant."""


def moved(ra: float, dec: float, pmra: float, pmdec: float, years: float) -> tuple[float, float]:
    """Give a position (degrees) after `years` of proper motion (mas/yr, in right ascension times cos(dec)).

    Along the great circle, so that stars near a pole move as they do; no radial velocity, no parallax.
    """
    distance = math.radians(math.hypot(pmra, pmdec) * years / 3_600_000)
    if not distance:
        return ra, dec
    angle, phi = math.atan2(pmra, pmdec), math.radians(dec)
    sine = math.sin(phi) * math.cos(distance) + math.cos(phi) * math.sin(distance) * math.cos(angle)
    east = math.sin(angle) * math.sin(distance) * math.cos(phi)
    turned = math.atan2(east, math.cos(distance) - math.sin(phi) * sine)
    return (ra + math.degrees(turned)) % 360, math.degrees(math.asin(max(-1.0, min(1.0, sine))))
