"""The events and data files that the instrument knows: a table, so that every name is answered without a network."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files

from uraniborg_portal.errors import BadParameter

DETECTORS = ("H1", "L1", "V1")
"""LIGO Hanford, LIGO Livingston, Virgo."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A detection of the GWTC catalogs."""

    name: str
    time: float
    """GPS seconds of the merger, as the sample table of events gives it."""
    template: str | None = None
    """The data file of a waveform model for the matched filter."""

    @property
    def skymap(self) -> str:
        """Name the data file of the event's multi-order sky map."""
        return f"gw/skymaps/gwtc/{self.name}.fits"


@dataclass(frozen=True, kw_only=True)
class StrainFile:
    """A stretch of strain of one detector."""

    detector: str
    start: int
    """GPS seconds of the first sample."""
    duration: int
    """Seconds."""
    name: str
    """In the data registry."""
    dataset: str = "strain/Strain"
    """Where the samples are in the HDF5 file."""
    sample_rate: int = 4096
    """Samples per second."""

    @property
    def end(self) -> int:
        """Give the GPS second after the last sample."""
        return self.start + self.duration

    def holds(self, time: float) -> bool:
        """Tell whether the stretch has the GPS time."""
        return self.start <= time < self.end


SKYMAPS = (
    *("GW150914", "GW151226", "GW170104", "GW170608", "GW170814", "GW170818", "GW190412", "GW190521"),
    *("GW191216_213338", "GW200105_162426", "GW200115_042309", "GW200129_065458"),
)
"""Events whose sky map is in the data registry."""

TEMPLATES = {"GW150914": "gw/strain/GW150914_4_template.hdf5"}
"""Events with a waveform model for the matched filter."""


def read_events() -> dict[str, Event]:
    """Read the times of the events that have data here from the sample table of events."""
    text = (files("uraniborg_portal.samples") / "gw_events.csv").read_text("utf-8")
    return {
        row["name"]: Event(name=row["name"], time=float(row["time_gps"]), template=TEMPLATES.get(row["name"]))
        for row in csv.DictReader(text.splitlines())
        if row["name"] in SKYMAPS
    }


EVENTS = read_events()
"""By name, oldest first."""


def losc(detector: str, start: int) -> StrainFile:
    """Describe a 32 s file of the GWOSC event releases, 4096 Hz."""
    name = f"gw/strain/{detector[0]}-{detector}_LOSC_4_V2-{start}-32.hdf5"
    return StrainFile(detector=detector, start=start, duration=32, name=name)


def big_dog(detector: str, dataset: str) -> StrainFile:
    """Describe the 1 s at 16384 Hz of 2010-09-16 that has all three detectors (hardware injection segment HW100916)."""
    name = "gw/strain/HLV-HW100916-968654552-1.hdf"
    return StrainFile(detector=detector, start=968654552, duration=1, name=name, dataset=dataset, sample_rate=16384)


STRAIN = (
    losc("H1", 1126259446),
    losc("L1", 1126259446),
    losc("H1", 1135136334),
    losc("L1", 1135136334),
    big_dog("H1", "H1:LDAS-STRAIN"),
    big_dog("L1", "L1:LDAS-STRAIN"),
    big_dog("V1", "V1:h_16384Hz"),
)


def strain_of(detector: str, time: float, label: str) -> StrainFile:
    """Give the strain of a detector at a GPS time; `label` is how the user named that time.

    Raises
    ------
    BadParameter
        There is none; the message says what there is.
    """
    at_time = {strain.detector: strain for strain in STRAIN if strain.holds(time)}
    if detector in at_time:
        return at_time[detector]
    if at_time:
        raise BadParameter(
            f"detector: given {detector}; accepted for {label}: {' or '.join(at_time)}, of which there is strain.",
            "Choose one of those.",
            field="detector",
        )
    raise BadParameter(
        f"There is no strain for {label}; strain is here for {stretches()}.",
        "Choose one of those times, or the product skymap of this event.",
        field="event" if label in EVENTS else "time",
    )


def stretches() -> str:
    """List the stretches of strain in words: an event's name, or GPS seconds."""
    starts = {strain.start: strain for strain in STRAIN}
    return ", ".join(
        next((event.name for event in EVENTS.values() if strain.holds(event.time)), "")
        or f"GPS {strain.start} to {strain.end}"
        for strain in starts.values()
    )
