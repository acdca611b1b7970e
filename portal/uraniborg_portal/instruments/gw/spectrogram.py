"""Spectrogram: the Q-transform of whitened strain (Chatterji et al. 2004, CQG 21, S1809)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from astropy.io import fits
from bokeh.models.ranges import Range1d
from bokeh.models.tickers import FixedTicker
from bokeh.plotting import figure
from gwpy.segments import Segment
from numpy.typing import NDArray

from uraniborg_portal.instruments.figures import dress, hover, image
from uraniborg_portal.instruments.gw.events import strain_of
from uraniborg_portal.instruments.gw.needs import cut
from uraniborg_portal.instruments.gw.observation import mjd, observatories, wavelengths
from uraniborg_portal.instruments.gw.parameters import GravitationalWaves
from uraniborg_portal.instruments.gw.picture import draw
from uraniborg_portal.instruments.gw.series import Series, read
from uraniborg_portal.instruments.models import Fact, Inputs, Product, ProductFile, Report
from uraniborg_portal.obscore.models import Observation

TIMES = 600
"""Columns of the spectrogram."""

TICKS = (10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000)
"""Frequencies that the axis names, hertz."""

FREQUENCIES = 300
"""Rows of the spectrogram, spaced evenly in the logarithm of the frequency."""


@dataclass(frozen=True, kw_only=True)
class Spectrogram:
    """Normalized energy over time and frequency: the noise of a Gaussian stretch has a mean of 1."""

    times: NDArray[np.float64]
    """GPS seconds, evenly spaced."""
    frequencies: NDArray[np.float64]
    """Hertz, evenly spaced in the logarithm."""
    energy: NDArray[np.float32]
    """[frequency, time]."""
    q: float
    """The quality factor of the most significant tile, with which all was computed."""


def transform(series: Series, bounds: tuple[float, float], parameters: GravitationalWaves) -> Spectrogram:
    """Give the Q-transform between two GPS times."""
    made = series.gwpy.q_transform(
        qrange=(parameters.q_low, parameters.q_high),
        frange=(parameters.frequency_low, parameters.frequency_high),
        outseg=Segment(*bounds),
        tres=parameters.window / TIMES,
        fres=FREQUENCIES,
        logf=True,
        whiten=True,
    )
    return Spectrogram(
        times=np.asarray(made.times.value),
        frequencies=np.asarray(made.frequencies.value),
        energy=np.ascontiguousarray(made.value.T, dtype=np.float32),
        q=float(made.q),
    )


def product(parameters: GravitationalWaves, inputs: Inputs, report: Report) -> Product:
    """Make the product spectrogram."""
    described = strain_of(parameters.detector, parameters.middle, parameters.label)
    report.log(f"{described.duration} s of {described.detector} at {described.sample_rate} Hz")
    series = read(inputs[described.name], described)
    report.progress(0.3, "Q-transform")
    made = transform(series, cut(described, parameters), parameters)
    report.log(f"The most significant tile has Q = {made.q:.2f}")
    report.progress(0.7, "Drawing")
    name = f"{parameters.label.replace(' ', '')}_{parameters.detector}_spectrogram"
    title = f"{parameters.label}, {parameters.detector}"
    return Product(
        title=f"{title}, spectrogram",
        summary=facts(made),
        files=(
            ProductFile(
                name=f"{name}.fits",
                media_type="application/fits",
                description="Image of normalized energy; axes: GPS time, logarithm of the frequency (FREQ-LOG)",
                write=lambda path: fits_image(made, parameters.detector).writeto(path),
            ),
            ProductFile(
                name=f"{name}.png",
                media_type="image/png",
                description="Picture with axes",
                write=lambda path: draw(made, parameters.middle, title, path),
                semantics="#preview-plot",
            ),
        ),
        view=view(made, parameters, name),
        observation=observation(made, parameters),
    )


def observation(made: Spectrogram, parameters: GravitationalWaves) -> Observation:
    """Say when and in which band it was measured; an image of time and frequency is a spectrum that changes."""
    begin, end = float(made.times[0]), float(made.times[-1])
    shortest, longest = wavelengths(float(made.frequencies[0]), float(made.frequencies[-1]))
    rows, columns = made.energy.shape
    return Observation(
        dataproduct_type="spectrum",
        dataproduct_subtype="spectrogram",
        target_name=parameters.event,
        t_min=mjd(begin),
        t_max=mjd(end),
        t_exptime=end - begin,
        t_resolution=(end - begin) / (columns - 1),
        t_xel=columns,
        em_min=shortest,
        em_max=longest,
        em_xel=rows,
        facility_name=observatories([parameters.detector]),
        instrument_name=parameters.detector,
    )


def facts(made: Spectrogram) -> tuple[Fact, ...]:
    """Say where the most energy is, and how much."""
    row, column = np.unravel_index(int(np.argmax(made.energy)), made.energy.shape)
    time, frequency = float(made.times[column]), float(made.frequencies[row])
    peak = float(made.energy[row, column])
    return (
        Fact(name="peak_time", title="Most energy at GPS", value=time, unit="s", text=f"{time:.4f}"),
        Fact(name="peak_frequency", title="Most energy at", value=frequency, unit="Hz", text=f"{frequency:.0f}"),
        Fact(name="peak_energy", title="Normalized energy there", value=peak, text=f"{peak:.1f}"),
        Fact(name="q", title="Quality factor Q", value=made.q, text=f"{made.q:.1f}"),
    )


def fits_image(made: Spectrogram, detector: str) -> fits.PrimaryHDU:
    """Give the FITS image; the frequency axis follows FITS WCS paper III, section 3.2 (`FREQ-LOG`)."""
    first, last = float(made.frequencies[0]), float(made.frequencies[-1])
    hdu = fits.PrimaryHDU(made.energy)
    hdu.header.update(
        {
            "CTYPE1": ("TIME", "GPS time"),
            "CUNIT1": "s",
            "CRPIX1": 1.0,
            "CRVAL1": float(made.times[0]),
            "CDELT1": float(made.times[1] - made.times[0]),
            "CTYPE2": ("FREQ-LOG", "frequency, logarithmic"),
            "CUNIT2": "Hz",
            "CRPIX2": 1.0,
            "CRVAL2": first,
            "CDELT2": first * float(np.log(last / first)) / (len(made.frequencies) - 1),
            "DETECTOR": detector,
            "Q": (made.q, "quality factor"),
        }
    )
    hdu.header["COMMENT"] = "Normalized energy; Gaussian noise has mean 1."
    return hdu


def view(made: Spectrogram, parameters: GravitationalWaves, name: str) -> figure:
    """Draw energy over time and frequency; rows are even in log frequency, and so is the axis."""
    start, end = (float(made.times[edge] - parameters.middle) for edge in (0, -1))
    low, high = (float(made.frequencies[edge]) for edge in (0, -1))
    plot = dress(
        figure(
            height=400, y_axis_type="log", x_range=Range1d(start=start, end=end), y_range=Range1d(start=low, end=high)
        ),
        f"{parameters.label}, {parameters.detector}, Q = {made.q:.1f}",
        (f"Time (s) from GPS {parameters.middle}", "Frequency (Hz)"),
        name,
    )
    plot.yaxis.ticker = FixedTicker(ticks=[tick for tick in TICKS if low <= tick <= high])
    cells = image(plot, made.energy, (start, low, end - start, high - low), "Normalized energy")
    hover(plot, [("time", "$x{0.000} s"), ("frequency", "$y{0} Hz"), ("energy", "@image{0.0}")], cells)
    return plot
