"""What ObsCore wants to know of a gravitational-wave product: times in MJD, bands as wavelengths, observatories."""

from __future__ import annotations

from collections.abc import Iterable

from astropy import units
from astropy.time import Time

OBSERVATORIES = {"H1": "LIGO Hanford", "L1": "LIGO Livingston", "V1": "Virgo"}
"""Where the detectors are."""


def mjd(gps: float) -> float:
    """Give the modified Julian date (UTC) of GPS seconds."""
    return float(Time(gps, format="gps").utc.mjd)


def wavelengths(low: float, high: float) -> tuple[float, float]:
    """Give the shortest and the longest wavelength of a band, metres, from its frequencies, hertz.

    The waves are no light, and as fast.
    """
    shortest, longest = ((each * units.Hz).to_value("m", units.spectral()) for each in (high, low))
    return float(shortest), float(longest)


def observatories(detectors: Iterable[str]) -> str:
    """Give the names of the observatories of some detectors."""
    return ", ".join(OBSERVATORIES[detector] for detector in detectors)
