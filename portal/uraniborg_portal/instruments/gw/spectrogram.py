"""Spectrogram: the Q-transform of whitened strain (Chatterji et al. 2004, CQG 21, S1809)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from bokeh.models import ColorBar, LinearColorMapper
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from uraniborg_portal.instruments.figures import INK, hover, themed
from uraniborg_portal.instruments.gw.events import strain_of
from uraniborg_portal.instruments.gw.needs import CITATION, cut
from uraniborg_portal.instruments.gw.parameters import GravitationalWaves
from uraniborg_portal.instruments.gw.strain import read
from uraniborg_portal.instruments.models import Fact, Inputs, Product, ProductFile, Report

TIMES = 600
"""Columns of the spectrogram."""

FREQUENCIES = 300
"""Rows of the spectrogram, spaced evenly in the logarithm of the frequency."""


def transform(series: Any, bounds: tuple[float, float], parameters: GravitationalWaves) -> Any:
    """Give gwpy's Q-transform: normalized energy [time, frequency], of the Q with the most significant tile.

    The noise of a Gaussian stretch has a mean energy of 1 in each tile.
    """
    return series.q_transform(
        qrange=(parameters.q_low, parameters.q_high),
        frange=(parameters.frequency_low, parameters.frequency_high),
        outseg=bounds,
        tres=parameters.window / TIMES,
        fres=FREQUENCIES,
        logf=True,
        whiten=True,
    )


def product(parameters: GravitationalWaves, inputs: Inputs, report: Report) -> Product:
    """Make the product spectrogram."""
    described = strain_of(parameters.detector, parameters.middle, parameters.label)
    bounds = cut(described, parameters)
    report.log(f"Reading {described.duration} s of {described.detector} at {described.sample_rate} Hz")
    series = read(inputs[described.name], described)
    report.progress(0.3, "Q-transform")
    energy = transform(series, bounds, parameters)
    report.log(f"The most significant tile has Q = {energy.q:.2f}")
    report.progress(0.8, "Drawing")
    name = f"{parameters.label.replace(' ', '')}_{parameters.detector}_spectrogram"
    return Product(
        title=f"{parameters.label}, {parameters.detector}, spectrogram",
        summary=facts(energy),
        files=(
            ProductFile(
                name=f"{name}.fits",
                media_type="application/fits",
                description="Image of normalized energy; axes: GPS time, logarithm of the frequency (FREQ-LOG)",
                write=lambda path: image(energy, parameters).writeto(path),
            ),
            ProductFile(
                name=f"{name}.png",
                media_type="image/png",
                description="Picture with axes",
                write=lambda path: picture(energy, parameters, path),
            ),
        ),
        view=view(energy, parameters, name),
        licence="CC-BY-4.0",
        citation=CITATION,
    )


def facts(energy: Any) -> tuple[Fact, ...]:
    """Say where the most energy is, and how much."""
    column, row = np.unravel_index(int(np.argmax(energy.value)), energy.shape)
    time, frequency = float(energy.times.value[column]), float(energy.frequencies.value[row])
    peak = float(energy.value[column, row])
    return (
        Fact(name="peak_time", title="Most energy at GPS", value=time, unit="s", text=f"{time:.4f}"),
        Fact(name="peak_frequency", title="at frequency", value=frequency, unit="Hz", text=f"{frequency:.0f}"),
        Fact(name="peak_energy", title="Normalized energy there", value=peak, text=f"{peak:.1f}"),
        Fact(name="q", title="Quality factor Q", value=float(energy.q), text=f"{energy.q:.1f}"),
    )


def image(energy: Any, parameters: GravitationalWaves) -> fits.PrimaryHDU:
    """Give the FITS image; the frequency axis follows FITS WCS paper III, section 3.2 (`FREQ-LOG`)."""
    first, last = float(energy.frequencies.value[0]), float(energy.frequencies.value[-1])
    rows = energy.shape[1]
    hdu = fits.PrimaryHDU(np.ascontiguousarray(energy.value.T, dtype="f4"))
    hdu.header.update(
        {
            "CTYPE1": ("TIME", "GPS time"),
            "CUNIT1": "s",
            "CRPIX1": 1.0,
            "CRVAL1": float(energy.times.value[0]),
            "CDELT1": float(energy.dx.value),
            "CTYPE2": ("FREQ-LOG", "frequency, logarithmic"),
            "CUNIT2": "Hz",
            "CRPIX2": 1.0,
            "CRVAL2": first,
            "CDELT2": first * float(np.log(last / first)) / (rows - 1),
            "DETECTOR": parameters.detector,
            "Q": (float(energy.q), "quality factor"),
        }
    )
    hdu.header["COMMENT"] = "Normalized energy; Gaussian noise has mean 1."
    return hdu


def picture(energy: Any, parameters: GravitationalWaves, path: Path, size: tuple[float, float] = (8, 4.5)) -> None:
    """Write a PNG with labeled axes."""
    drawing = Figure(figsize=size, dpi=100, layout="constrained")
    FigureCanvasAgg(drawing)
    axes = drawing.subplots()
    mesh = axes.pcolormesh(
        energy.times.value - parameters.middle,
        energy.frequencies.value,
        energy.value.T,
        cmap="viridis",
        vmin=0,
        shading="nearest",
        rasterized=True,
    )
    axes.set(
        yscale="log",
        xlabel=f"Time (s) from GPS {parameters.middle}",
        ylabel="Frequency (Hz)",
        title=f"{parameters.label}, {parameters.detector}",
    )
    drawing.colorbar(mesh, label="Normalized energy")
    drawing.savefig(path, format="png")


def view(energy: Any, parameters: GravitationalWaves, name: str) -> Any:
    """Draw energy over time and frequency; rows are even in log frequency, and so is the axis."""
    times, rows = energy.times.value - parameters.middle, energy.frequencies.value
    plot = themed(
        f"{parameters.label}, {parameters.detector}, Q = {energy.q:.1f}",
        (f"Time (s) from GPS {parameters.middle}", "Frequency (Hz)"),
        name,
        y_axis_type="log",
        x_range=(float(times[0]), float(times[-1])),
        y_range=(float(rows[0]), float(rows[-1])),
    )
    mapper = LinearColorMapper(palette="Viridis256", low=0, high=float(energy.value.max()))
    cells = plot.image(
        image=[np.ascontiguousarray(energy.value.T, dtype="f4")],
        x=float(times[0]),
        y=float(rows[0]),
        dw=float(times[-1] - times[0]),
        dh=float(rows[-1] - rows[0]),
        color_mapper=mapper,
    )
    plot.add_layout(
        ColorBar(
            color_mapper=mapper,
            title="Normalized energy",
            background_fill_color=None,
            title_text_color=INK,
            major_label_text_color=INK,
        ),
        "right",
    )
    hover(plot, [("time", "$x{0.000} s"), ("frequency", "$y{0} Hz"), ("energy", "@image{0.0}")], [cells])
    return plot
