"""Angles as people write them; pure."""

from __future__ import annotations

import math
import re

from uraniborg_portal.errors import BadParameter

DEGREES = {
    "deg": 1.0,
    "degree": 1.0,
    "degrees": 1.0,
    "d": 1.0,
    "°": 1.0,
    "arcmin": 1 / 60,
    "arcminute": 1 / 60,
    "arcminutes": 1 / 60,
    "'": 1 / 60,
    "arcsec": 1 / 3600,
    "arcsecond": 1 / 3600,
    "arcseconds": 1 / 3600,
    '"': 1 / 3600,
    "mas": 1 / 3_600_000,
    "rad": math.degrees(1),
}
"""Units and their size in degrees."""

ACCEPTED = "Accepted: a number and one of deg, arcmin, arcsec, mas, rad; for example '30 arcmin'."


def radius_degrees(text: str) -> float:
    """Give the radius of a cone in degrees.

    Raises
    ------
    BadParameter
        It is no number with a unit, not above 0, or above 180 degrees.
    """
    found = re.fullmatch(
        r"\s*([+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:[eE][+-]?\d{1,2})?)\s*(\D{1,12}?)\s*", text
    )
    size = DEGREES.get(found[2].lower()) if found else None
    if not found or size is None:
        raise BadParameter(f"The radius {text[:40]!r} is not an angle.", ACCEPTED, field="radius")
    degrees = float(found[1]) * size
    if not 0 < degrees <= 180:
        raise BadParameter(f"The radius {text[:40]!r} is outside of 0 to 180 degrees.", ACCEPTED, field="radius")
    return degrees
