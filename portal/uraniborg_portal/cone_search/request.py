"""The parameters of a cone search (SCS 1.03, section 2; names in any case and MAXREC, RESPONSEFORMAT by DALI 1.1)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from uraniborg_portal import formats
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.formats import Format
from uraniborg_portal.settings import QueryLimits
from uraniborg_portal.tap.params import row_limit

ACCEPTED = "Accepted: RA, DEC and SR in decimal degrees (ICRS), as RA=56.75&DEC=24.12&SR=1."
RANGES = {"RA": (-360.0, 360.0), "DEC": (-90.0, 90.0), "SR": (0.0, 180.0)}
VERBOSITIES = ("1", "2", "3")
PLAIN = "votable/td"
"""Where a client names no format: many clients of this old standard read no other serialization."""


@dataclass(frozen=True, kw_only=True)
class ConeRequest:
    """A cone that a client asks for; degrees, ICRS."""

    ra: float
    """0 to 360, without 360."""
    dec: float
    radius: float
    """0 to 180; with 0 only the columns are wanted (SCS 1.03, section 2, item 1)."""
    verbosity: int
    """How many columns: 1 for identifier and position alone, 2 for the principal ones, 3 for all of them."""
    maxrec: int
    """Rows at most; 0 where only the columns are wanted."""
    format: Format


def read_cone(given: Iterable[tuple[str, str]], limits: QueryLimits) -> ConeRequest:
    """Give the cone of a request's parameters; those that the standard does not know are ignored.

    Raises
    ------
    BadParameter
        A parameter is missing, given twice with different values, or has a value that is not accepted.
    """
    values = _single(given)
    ra, dec, radius = (_number(name, values.get(name, "")) for name in RANGES)
    verbosity = values.get("VERB", "").strip() or "2"
    if verbosity not in VERBOSITIES:
        raise BadParameter(f"VERB={verbosity[:40]!r} is not one of {', '.join(VERBOSITIES)}.", field="VERB")
    maxrec = row_limit(values.get("MAXREC"), limits)
    return ConeRequest(
        ra=ra % 360.0,
        dec=dec,
        radius=radius,
        verbosity=int(verbosity),
        maxrec=maxrec if radius > 0 else 0,
        format=formats.find(values.get("RESPONSEFORMAT", "").strip() or PLAIN),
    )


def _single(given: Iterable[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in given:
        if values.setdefault(name.upper(), value) != value:
            key = name.upper()[:40]
            raise BadParameter(f"{key} is given twice with different values.", f"Give {key} once.", field=key)
    return values


def _number(name: str, text: str) -> float:
    if not text.strip():
        raise BadParameter(f"{name} is missing.", ACCEPTED, field=name)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    least, most = RANGES[name]
    if not least <= value <= most:
        raise BadParameter(f"{name}={text[:40]!r} is not in {least:g} to {most:g} degrees.", ACCEPTED, field=name)
    return value
