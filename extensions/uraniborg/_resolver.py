"""Names of objects and events: where they are, when they happened, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from uraniborg._connection import current

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord
    from astropy.time import Time


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a name stands for."""

    name: str
    kind: str
    """star, galaxy, nebula, cluster, event, position, ..."""
    ra: float | None
    """Right ascension, degrees, ICRS; None for an event without one position."""
    dec: float | None
    """Declination, degrees, ICRS."""
    time_gps: float | None
    """Time of an event, GPS seconds."""
    source: str
    """Who gave the answer."""
    aliases: tuple[str, ...] = ()

    @property
    def coordinates(self) -> SkyCoord | None:
        """The position as an astropy `SkyCoord` (ICRS), None where there is none."""
        if self.ra is None or self.dec is None:
            return None
        from astropy.coordinates import SkyCoord

        return SkyCoord(self.ra, self.dec, unit="deg", frame="icrs")

    @property
    def time(self) -> Time | None:
        """The time of an event as an astropy `Time`, None where there is none."""
        if self.time_gps is None:
            return None
        from astropy.time import Time

        return Time(self.time_gps, format="gps")

    def __str__(self) -> str:
        """Give one line: name, kind, position or time, source."""
        place = "" if self.ra is None else f", {self.ra:.5f} {self.dec:+.5f} deg (ICRS)"
        when = "" if self.time_gps is None else f", GPS {self.time_gps:.2f}"
        return f"{self.name}: {self.kind}{place}{when}; from {self.source}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        aliases = f"<br><small>also {escape(', '.join(self.aliases))}</small>" if self.aliases else ""
        return f"<div><b>{escape(self.name)}</b>{escape(str(self).removeprefix(self.name))}{aliases}</div>"


def resolve(name: str) -> Target:
    """Give what a name stands for: an object, an event, or coordinates in any common notation.

    Raises
    ------
    UraniborgError
        Nobody knows the name; `suggestions` are the nearest known ones.
    """
    answer: dict[str, Any] = current().get("api/resolve", name=name)
    fields = {key: answer.get(key) for key in ("ra", "dec", "time_gps")}
    return Target(
        name=answer["name"],
        kind=answer["kind"],
        source=answer["source"],
        aliases=tuple(answer.get("aliases") or ()),
        **fields,
    )
