"""Gravitational waves: strain, spectrogram, sky map and matched filter of the LIGO and Virgo detectors."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from uraniborg_portal.instruments.gw.needs import CITATION, data_files
from uraniborg_portal.instruments.gw.parameters import GravitationalWaves
from uraniborg_portal.instruments.models import Inputs, Instrument, Product, ProductKind, Report


def run(parameters: GravitationalWaves, inputs: Inputs, report: Report) -> Product:
    """Make the product that is asked for; each is a module of its name, imported here because it is heavy."""
    report.progress(0.05, "Starting")
    made: Product = import_module(f"{__name__}.{parameters.product}").product(parameters, inputs, report)
    return made


INSTRUMENT = Instrument(
    name="gw",
    title="Gravitational waves",
    description="Strain, spectrogram, sky map and matched filter of the detections by LIGO and Virgo.",
    version="1",
    licence="CC-BY-4.0",
    citation=CITATION,
    parameters=GravitationalWaves,
    products=(
        ProductKind(
            name="strain", title="Strain", description="The time series of one detector: raw, band-passed or whitened."
        ),
        ProductKind(
            name="spectrogram", title="Spectrogram", description="The Q-transform: energy over time and frequency."
        ),
        ProductKind(
            name="skymap", title="Sky map", description="Where it came from: the 50% and 90% credible regions."
        ),
        ProductKind(
            name="matched_filter",
            title="Matched filter",
            description="Signal-to-noise ratio of a waveform in every detector, and the time between them.",
        ),
    ),
    form=(
        ("product",),
        ("event", "time", "detector"),
        ("processing", "band_low", "band_high", "notch"),
        ("window",),
        ("q_low", "q_high", "frequency_low", "frequency_high"),
    ),
    inputs=data_files,
    run=run,
    picture=Path(__file__).with_name("picture.png"),
    warm=(f"{__name__}.spectrogram", f"{__name__}.skymap"),
    libraries=("uraniborg", "gwpy", "numpy", "scipy", "astropy", "mocpy", "bokeh"),
)
