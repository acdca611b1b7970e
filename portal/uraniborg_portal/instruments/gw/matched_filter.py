"""Matched filter: how strongly, and when, each detector shows a waveform (GWOSC tutorial of GW150914, 2017)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from astropy.table import Table
from bokeh.plotting import figure
from numpy.typing import NDArray
from scipy import signal

from uraniborg_portal.instruments.figures import SERIES, dress, dress_legend
from uraniborg_portal.instruments.gw.events import EVENTS, STRAIN, Event, StrainFile
from uraniborg_portal.instruments.gw.observation import mjd, observatories
from uraniborg_portal.instruments.gw.parameters import GravitationalWaves
from uraniborg_portal.instruments.gw.series import read
from uraniborg_portal.instruments.models import Fact, Inputs, Product, ProductFile, Report
from uraniborg_portal.obscore.models import Observation

WELCH = 4.0
"""Length of the Hann segments, half overlapping, whose periodograms give the noise spectrum, seconds."""

TAPER = 1 / 8
"""Part of the stretch over which data and template rise and fall (Tukey window)."""

SHOWN = 0.25
"""Half the length of what is saved and drawn around the event, seconds."""


@dataclass(frozen=True, kw_only=True)
class Filtered:
    """The signal-to-noise ratio of one detector against time."""

    detector: str
    times: NDArray[np.float64]
    """GPS seconds."""
    snr: NDArray[np.float64]

    @property
    def peak(self) -> tuple[float, float]:
        """Give time (GPS seconds) and height of the maximum, from the parabola through its three samples."""
        top = int(np.argmax(self.snr))
        before, at, after = (float(value) for value in self.snr[top - 1 : top + 2])
        shift = 0.5 * (before - after) / (before - 2 * at + after)
        step = float(self.times[1] - self.times[0])
        return float(self.times[top]) + shift * step, at - 0.25 * (before - after) * shift


def read_template(file: Path) -> NDArray[np.complex128]:
    """Give the waveform, plus + i cross, merger in the middle of the stretch."""
    with h5py.File(file) as opened:
        plus, cross = opened["template"][:]
    return np.asarray(plus + 1j * cross)


def matched(strain: NDArray[np.float64], template: NDArray[np.complex128], rate: float) -> NDArray[np.float64]:
    """Give the signal-to-noise ratio for a merger at each sample.

    The filter is optimal for the two-sided noise spectrum that Welch's method finds in `strain` itself; the ratio is
    divided by its standard deviation in that noise (Allen et al. 2012, PRD 85, 122006).
    """
    size = len(strain)
    segment = int(WELCH * rate)
    frequency, noise = signal.welch(strain, rate, nperseg=segment, noverlap=segment // 2, detrend=False)
    power = np.interp(np.abs(np.fft.fftfreq(size, 1 / rate)), frequency, noise)
    taper = signal.windows.tukey(size, alpha=TAPER)
    data, wave = np.fft.fft(strain * taper) / rate, np.fft.fft(template * taper) / rate
    output = 2 * rate * np.fft.ifft(data * wave.conj() / power)
    sigma = np.sqrt(float((np.abs(wave) ** 2 / power).sum()) * rate / size)
    return np.roll(np.abs(output) / sigma, size // 2)


def stretches(event: Event) -> tuple[StrainFile, ...]:
    """List the strain of every detector at the event."""
    return tuple(strain for strain in STRAIN if strain.holds(event.time))


def filtered(described: StrainFile, inputs: Inputs, event: Event) -> Filtered:
    """Run the filter over one detector's stretch, and keep what is around the event."""
    series = read(inputs[described.name], described)
    ratio = matched(series.values, read_template(inputs[str(event.template)]), described.sample_rate)
    times = series.times
    near = np.abs(times - event.time) <= SHOWN
    return Filtered(detector=described.detector, times=times[near], snr=ratio[near])


def product(parameters: GravitationalWaves, inputs: Inputs, report: Report) -> Product:
    """Make the product matched_filter."""
    event = EVENTS[str(parameters.event)]
    found: list[Filtered] = []
    for described in stretches(event):
        report.progress(0.1 + 0.3 * len(found), f"Matched filter, {described.detector}")
        found.append(filtered(described, inputs, event))
        report.log("{}: SNR {:.2f} at GPS {:.4f}".format(described.detector, *reversed(found[-1].peak)))
    report.progress(0.8, "Drawing")
    name = f"{event.name}_matched_filter"
    rows = Table({"time": found[0].times} | {f"snr_{each.detector}": each.snr for each in found})
    rows["time"].unit = "s"
    rows["time"].description = "GPS time of the merger"
    return Product(
        title=f"{event.name}, matched filter",
        summary=facts(found),
        files=(
            ProductFile(
                name=f"{name}.ecsv",
                media_type="text/csv",
                description="ECSV table of time and signal-to-noise ratio of each detector",
                write=lambda path: rows.write(path, format="ascii.ecsv", delimiter=","),
            ),
            ProductFile(
                name=f"{name}.fits",
                media_type="application/fits",
                description="Binary table of time and signal-to-noise ratio of each detector",
                write=lambda path: rows.write(path, format="fits"),
            ),
        ),
        view=view(found, event, name),
        observation=observation(found, event),
    )


def observation(found: list[Filtered], event: Event) -> Observation:
    """Say when it was measured, and by which detectors."""
    times, detectors = found[0].times, [each.detector for each in found]
    return Observation(
        dataproduct_type="timeseries",
        dataproduct_subtype="matched filter",
        calib_level=4,
        o_ucd="stat.snr",
        target_name=event.name,
        t_min=mjd(float(times[0])),
        t_max=mjd(float(times[-1])),
        t_exptime=float(times[-1] - times[0]),
        t_resolution=float(times[1] - times[0]),
        t_xel=len(times),
        facility_name=observatories(detectors),
        instrument_name=", ".join(detectors),
    )


def facts(found: list[Filtered]) -> tuple[Fact, ...]:
    """Say each detector's signal-to-noise ratio and time, and by how much the second lags or leads."""
    listed: list[Fact] = []
    for each in found:
        time, ratio = each.peak
        listed += [
            Fact(name=f"snr_{each.detector}", title=f"{each.detector} SNR", value=ratio, text=f"{ratio:.1f}"),
            Fact(
                name=f"time_{each.detector}",
                title=f"{each.detector} at GPS",
                value=time,
                unit="s",
                text=f"{time:.4f}",
            ),
        ]
    if len(found) > 1:
        first, second = found[:2]
        lead = (first.peak[0] - second.peak[0]) * 1e3
        title = f"{second.detector} {'leads' if lead > 0 else 'lags'} {first.detector} by"
        listed.append(Fact(name="lead", title=title, value=abs(lead), unit="ms", text=f"{abs(lead):.1f}"))
    return tuple(listed)


def view(found: list[Filtered], event: Event, name: str) -> figure:
    """Draw the signal-to-noise ratios against time."""
    axes = (f"Time (s) from GPS {event.time}", "Signal-to-noise ratio")
    plot = dress(figure(height=400), f"{event.name}, matched filter", axes, name)
    for color, each in zip(SERIES, found, strict=False):
        plot.line(each.times - event.time, each.snr, color=color, line_width=1.5, legend_label=each.detector)
    dress_legend(plot)
    return plot
