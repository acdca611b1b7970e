"""How wide an area of the sky is; pure."""

from __future__ import annotations

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from mocpy import MOC


def across(area: MOC, longitude: float, latitude: float) -> float:
    """Give the diameter of the circle around a place that holds all of an area that is not empty; degrees."""
    opposite = np.atleast_1d((longitude + 180) % 360) * u.deg, np.atleast_1d(-latitude) * u.deg
    if area.contains_lonlat(*opposite).any():
        # No corner of a cell is as far as that.
        return 360.0
    place = SkyCoord(longitude, latitude, unit="deg")
    return min(2 * float(area.largest_distance_from_coo_to_vertices(place).to_value("deg")), 360.0)
