"""A time series of strain, read from a release's HDF5 file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from gwpy.timeseries import TimeSeries
from numpy.typing import NDArray

from uraniborg_portal.instruments.gw.events import StrainFile


@dataclass(frozen=True, kw_only=True)
class Series:
    """Evenly spaced samples of one detector."""

    detector: str
    start: float
    """GPS seconds of the first sample."""
    rate: float
    """Samples per second."""
    values: NDArray[np.float64]

    @property
    def times(self) -> NDArray[np.float64]:
        """Give the GPS seconds of the samples."""
        return self.start + np.arange(len(self.values)) / self.rate

    @property
    def gwpy(self) -> TimeSeries:
        """Give the same as gwpy's object."""
        return TimeSeries(self.values, t0=self.start, sample_rate=self.rate, name=f"{self.detector} strain", unit="")

    def cut(self, start: float, end: float) -> Series:
        """Give the samples from a GPS time to before another."""
        first, last = (round((time - self.start) * self.rate) for time in (start, end))
        return Series(
            detector=self.detector,
            start=self.start + first / self.rate,
            rate=self.rate,
            values=self.values[first:last],
        )


def of_gwpy(detector: str, series: TimeSeries) -> Series:
    """Give what gwpy computed as a series."""
    return Series(
        detector=detector,
        start=float(series.t0.value),
        rate=float(series.sample_rate.value),
        values=np.asarray(series.value, dtype=np.float64),
    )


def read(file: Path, described: StrainFile) -> Series:
    """Give all samples of a stretch, dimensionless strain."""
    with h5py.File(file) as opened:
        samples = np.asarray(opened[described.dataset][:], dtype=np.float64)
    return Series(detector=described.detector, start=described.start, rate=described.sample_rate, values=samples)
