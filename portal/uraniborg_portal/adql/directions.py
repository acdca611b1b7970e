"""Positions on the sphere as unit vectors. It needs no more than numpy: query workers import it, too."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def unit_vectors(longitudes: npt.NDArray[np.float64], latitudes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give unit vectors, shape (n, 3), of degrees."""
    lon, lat = np.radians(longitudes), np.radians(latitudes)
    level = np.cos(lat)
    return np.stack([level * np.cos(lon), level * np.sin(lon), np.sin(lat)], axis=1)
