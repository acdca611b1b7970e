"""Strain of one detector: as released, band-passed or whitened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from astropy.table import Table
from gwpy.timeseries import TimeSeries

from uraniborg_portal.instruments.figures import SERIES, hover, themed
from uraniborg_portal.instruments.gw.events import StrainFile, strain_of
from uraniborg_portal.instruments.gw.needs import CITATION, EDGE, SEGMENT, cut
from uraniborg_portal.instruments.gw.parameters import GravitationalWaves
from uraniborg_portal.instruments.models import Fact, Inputs, Product, ProductFile, Report

LINES = {
    "H1": (36.7, 60.0, 120.0, 180.0, 304.99, 331.49),
    "L1": (34.7, 36.7, 60.0, 120.0, 180.0, 304.99, 331.49),
    "V1": (50.0, 100.0, 150.0, 200.0, 250.0),
}
"""Mains and calibration lines, hertz (tutorial of the GWOSC release of GW150914; Virgo: 50 Hz mains)."""


def read(file: Path, described: StrainFile) -> Any:
    """Give all samples of a stretch as a gwpy `TimeSeries`, dimensionless strain."""
    with h5py.File(file) as opened:
        samples = opened[described.dataset][:]
    return TimeSeries(
        samples, t0=described.start, sample_rate=described.sample_rate, name=f"{described.detector} strain", unit=""
    )


def whiten(series: Any, low: float, high: float) -> Any:
    """Give the series divided by its noise's amplitude spectrum and band-passed, in standard deviations.

    The standard deviation is that of the whole stretch without its ends, in the same band: a robust one
    (1.4826 times the median absolute deviation), so that a signal does not raise it.
    """
    band = series.whiten(SEGMENT, SEGMENT / 2).bandpass(low, high)
    quiet = band.crop(band.t0.value + EDGE, band.t0.value + band.duration.value - EDGE).value
    return band / (1.4826 * float(np.median(np.abs(quiet - np.median(quiet)))))


def process(series: Any, parameters: GravitationalWaves) -> Any:
    """Give the series as `parameters.processing` asks."""
    if parameters.processing == "raw":
        return series
    low, high = parameters.band_low, parameters.band_high
    if parameters.processing == "whitened":
        return whiten(series, low, high)
    passed = series.bandpass(low, high)
    for line in LINES[parameters.detector]:
        if parameters.notch and low < line < high:
            passed = passed.notch(line)
    return passed


def product(parameters: GravitationalWaves, inputs: Inputs, report: Report) -> Product:
    """Make the product strain."""
    described = strain_of(parameters.detector, parameters.middle, parameters.label)
    bounds = cut(described, parameters)
    report.log(f"Reading {described.duration} s of {described.detector} at {described.sample_rate} Hz")
    series = read(inputs[described.name], described)
    report.progress(0.4, f"Strain: {parameters.processing}")
    shown = process(series, parameters).crop(*bounds)
    report.progress(0.8, "Drawing")
    name = f"{parameters.label.replace(' ', '')}_{parameters.detector}_{parameters.processing}"
    return Product(
        title=f"{parameters.label}, {parameters.detector}, {parameters.processing} strain",
        summary=facts(shown, parameters),
        files=files(shown, parameters, name),
        view=view(shown, parameters, name),
        licence="CC-BY-4.0",
        citation=CITATION,
    )


def unit(parameters: GravitationalWaves) -> str:
    """Give the word for the unit of the values: standard deviations where whitened, otherwise none."""
    return "sigma" if parameters.processing == "whitened" else ""


def facts(shown: Any, parameters: GravitationalWaves) -> tuple[Fact, ...]:
    """Say where the largest value is, and how large."""
    index = int(np.argmax(np.abs(shown.value)))
    time, height = float(shown.times.value[index]), float(shown.value[index])
    sigma = parameters.processing == "whitened"
    band = "" if parameters.processing == "raw" else f" in {parameters.band_low:g} to {parameters.band_high:g} Hz"
    return (
        Fact(name="peak_time", title="Largest value at GPS", value=time, unit="s", text=f"{time:.4f}"),
        Fact(
            name="peak",
            title=f"Largest value{band}",
            value=height,
            unit=unit(parameters),
            text=f"{height:.2f}" if sigma else f"{height:.3g}",
        ),
        Fact(name="samples", title="Samples", value=len(shown)),
        Fact(name="sample_rate", title="Sample rate", value=float(shown.sample_rate.value), unit="Hz"),
    )


def table(shown: Any, parameters: GravitationalWaves) -> Table:
    """Give the series as a table: `time` (GPS seconds) and `strain` (dimensionless, or standard deviations)."""
    rows = Table({"time": shown.times.value, "strain": np.asarray(shown.value, dtype="f8")})
    rows["time"].unit = "s"
    rows["time"].description = "GPS time"
    rows["strain"].description = f"{parameters.processing} strain" + (
        ", in standard deviations of the noise" if parameters.processing == "whitened" else ", dimensionless"
    )
    rows.meta = {"DETECTOR": parameters.detector, "PROCESS": parameters.processing}
    if parameters.processing != "raw":
        rows.meta |= {"BANDLOW": parameters.band_low, "BANDHIGH": parameters.band_high}
    return rows


def files(shown: Any, parameters: GravitationalWaves, name: str) -> tuple[ProductFile, ...]:
    """Give the series as HDF5 (gwpy reads it back), FITS and ECSV."""
    rows = table(shown, parameters)
    channel = f"{parameters.detector}:STRAIN"
    return (
        ProductFile(
            name=f"{name}.hdf5",
            media_type="application/x-hdf5",
            description=f"Time series {channel}, as gwpy writes and reads it",
            write=lambda path: shown.write(path, format="hdf5", path=channel),
        ),
        ProductFile(
            name=f"{name}.fits",
            media_type="application/fits",
            description="Binary table of time and strain",
            write=lambda path: rows.write(path, format="fits"),
        ),
        ProductFile(
            name=f"{name}.ecsv",
            media_type="text/csv",
            description="ECSV table of time and strain",
            write=lambda path: rows.write(path, format="ascii.ecsv", delimiter=","),
        ),
    )


def view(shown: Any, parameters: GravitationalWaves, name: str) -> Any:
    """Draw strain against time; the time axis counts from the event or the asked time."""
    words = {"whitened": "Whitened strain (standard deviations)", "bandpassed": "Strain, band-passed", "raw": "Strain"}
    title = f"{parameters.label}, {parameters.detector}, {parameters.processing}"
    axes = (f"Time (s) from GPS {parameters.middle}", words[parameters.processing])
    plot = themed(title, axes, name)
    line = plot.line(shown.times.value - parameters.middle, shown.value, color=SERIES[0], line_width=1.2)
    hover(plot, [("time", "@x{0.0000} s"), ("strain", "@y")], [line])
    return plot
