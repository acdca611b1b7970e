"""Strain of one detector: as released, band-passed or whitened."""

from __future__ import annotations

import numpy as np
from astropy.table import Table
from bokeh.plotting import figure

from uraniborg_portal.instruments.figures import SERIES, dress, hover
from uraniborg_portal.instruments.gw.events import strain_of
from uraniborg_portal.instruments.gw.needs import EDGE, SEGMENT, cut
from uraniborg_portal.instruments.gw.observation import mjd, observatories, wavelengths
from uraniborg_portal.instruments.gw.parameters import GravitationalWaves
from uraniborg_portal.instruments.gw.series import Series, of_gwpy, read
from uraniborg_portal.instruments.models import Fact, Inputs, Product, ProductFile, Report
from uraniborg_portal.obscore.models import Observation

LIGO_LINES = (34.7, 35.3, 35.9, 36.7, 37.3, 40.95, 60.0, 120.0, 179.99, 304.99, 331.49, 510.02, 1009.99)
"""Mains, calibration and violin lines, hertz, as the tutorial of the GWOSC release of GW150914 lists them."""

LINES = {"H1": LIGO_LINES, "L1": LIGO_LINES, "V1": (50.0, 100.0, 150.0, 200.0, 250.0)}
"""What notches remove, hertz; of Virgo only the mains."""

MARGIN = 5.0
"""Lines this near to a band, hertz, leak through its edges."""

LABELS = {
    "whitened": "Whitened strain (standard deviations)",
    "bandpassed": "Strain, band-passed (dimensionless)",
    "raw": "Strain (dimensionless)",
}
"""What the vertical axis says."""


def whiten(series: Series, low: float, high: float) -> Series:
    """Give the series divided by its noise's amplitude spectrum and band-passed, in standard deviations.

    The standard deviation is that of the whole stretch without its ends, in the same band: a robust one
    (1.4826 times the median absolute deviation), so that a signal does not raise it.
    """
    band = of_gwpy(series.detector, series.gwpy.whiten(SEGMENT, SEGMENT / 2).bandpass(low, high))
    quiet = band.cut(band.start + EDGE, band.start + len(band.values) / band.rate - EDGE).values
    deviation = 1.4826 * float(np.median(np.abs(quiet - np.median(quiet))))
    return Series(detector=band.detector, start=band.start, rate=band.rate, values=band.values / deviation)


def bandpass(series: Series, low: float, high: float, *, notch: bool) -> Series:
    """Give the series in a band, without the detector's lines where `notch` is set."""
    passed = series.gwpy.bandpass(low, high)
    for line in LINES[series.detector]:
        if notch and low - MARGIN < line < high + MARGIN:
            passed = passed.notch(line)
    return of_gwpy(series.detector, passed)


def process(series: Series, parameters: GravitationalWaves) -> Series:
    """Give the series as `parameters.processing` asks."""
    low, high = parameters.band_low, parameters.band_high
    if parameters.processing == "whitened":
        return whiten(series, low, high)
    if parameters.processing == "bandpassed":
        return bandpass(series, low, high, notch=parameters.notch)
    return series


def product(parameters: GravitationalWaves, inputs: Inputs, report: Report) -> Product:
    """Make the product strain."""
    described = strain_of(parameters.detector, parameters.middle, parameters.label)
    report.log(f"{described.duration} s of {described.detector} at {described.sample_rate} Hz")
    series = read(inputs[described.name], described)
    report.progress(0.4, f"Strain: {parameters.processing}")
    shown = process(series, parameters).cut(*cut(described, parameters))
    report.progress(0.8, "Drawing")
    name = f"{parameters.label.replace(' ', '')}_{parameters.detector}_{parameters.processing}"
    return Product(
        title=f"{parameters.label}, {parameters.detector}, {parameters.processing} strain",
        summary=facts(shown, parameters),
        files=files(shown, parameters, name),
        view=view(shown, parameters, name),
        observation=observation(shown, parameters),
    )


def observation(shown: Series, parameters: GravitationalWaves) -> Observation:
    """Say when and in which band it was measured."""
    raw, seconds = parameters.processing == "raw", len(shown.values) / shown.rate
    shortest, longest = (None, None) if raw else wavelengths(parameters.band_low, parameters.band_high)
    return Observation(
        dataproduct_type="timeseries",
        dataproduct_subtype=f"{parameters.processing} strain",
        calib_level=2 if raw else 3,
        target_name=parameters.event,
        t_min=mjd(shown.start),
        t_max=mjd(shown.start + seconds),
        t_exptime=seconds,
        t_resolution=1 / shown.rate,
        t_xel=len(shown.values),
        em_min=shortest,
        em_max=longest,
        facility_name=observatories([parameters.detector]),
        instrument_name=parameters.detector,
    )


def facts(shown: Series, parameters: GravitationalWaves) -> tuple[Fact, ...]:
    """Say where the largest value is, and how large."""
    index = int(np.argmax(np.abs(shown.values)))
    time, height = float(shown.times[index]), float(shown.values[index])
    sigma = parameters.processing == "whitened"
    band = "" if parameters.processing == "raw" else f" in {parameters.band_low:g} to {parameters.band_high:g} Hz"
    text = f"{height:.2f}" if sigma else f"{height:.3g}"
    return (
        Fact(name="peak_time", title="Largest value at GPS", value=time, unit="s", text=f"{time:.4f}"),
        Fact(name="peak", title=f"Largest value{band}", value=height, unit="sigma" if sigma else "", text=text),
        Fact(name="samples", title="Samples", value=len(shown.values)),
        Fact(name="sample_rate", title="Sample rate", value=shown.rate, unit="Hz", text=f"{shown.rate:g}"),
    )


def table(shown: Series, parameters: GravitationalWaves) -> Table:
    """Give the series as a table: `time` (GPS seconds) and `strain` (dimensionless, or standard deviations)."""
    rows = Table({"time": shown.times, "strain": shown.values})
    rows["time"].unit = "s"
    rows["time"].description = "GPS time"
    rows["strain"].description = LABELS[parameters.processing]
    rows.meta = {"DETECTOR": parameters.detector, "PROCESS": parameters.processing}
    if parameters.processing != "raw":
        rows.meta |= {"BANDLOW": parameters.band_low, "BANDHIGH": parameters.band_high}
    return rows


def files(shown: Series, parameters: GravitationalWaves, name: str) -> tuple[ProductFile, ...]:
    """Give the series as HDF5 (gwpy reads it back), FITS and ECSV."""
    rows = table(shown, parameters)
    channel = f"{parameters.detector}:STRAIN"
    return (
        ProductFile(
            name=f"{name}.hdf5",
            media_type="application/x-hdf5",
            description=f"Time series {channel}, as gwpy writes and reads it",
            write=lambda path: shown.gwpy.write(path, format="hdf5", path=channel),
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


def view(shown: Series, parameters: GravitationalWaves, name: str) -> figure:
    """Draw strain against time, which counts from the event or the asked time."""
    title = f"{parameters.label}, {parameters.detector}, {parameters.processing}"
    axes = (f"Time (s) from GPS {parameters.middle}", LABELS[parameters.processing])
    plot = dress(figure(height=400), title, axes, name)
    line = plot.line(shown.times - parameters.middle, shown.values, color=SERIES[0], line_width=1.2)
    hover(plot, [("time", "@x{0.0000} s"), ("strain", "@y")], line)
    return plot
