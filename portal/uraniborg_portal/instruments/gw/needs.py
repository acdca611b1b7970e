"""What a product needs: which data files, and which part of them. Light: the web process asks before a job starts."""

from __future__ import annotations

from uraniborg_portal.errors import BadParameter
from uraniborg_portal.instruments.gw.events import STRAIN, TEMPLATES, StrainFile, strain_of
from uraniborg_portal.instruments.gw.parameters import GravitationalWaves

SEGMENT = 2.0
"""Length of the segments from which the noise spectrum is averaged (median, Hann, half overlapping), seconds."""

EDGE = 1.0
"""What filters spoil at either end of a stretch, seconds."""

CITATION = (
    "This research has made use of data from the Gravitational Wave Open Science Center (gwosc.org), a service of the "
    "LIGO Scientific Collaboration, the Virgo Collaboration, and KAGRA. Abbott et al. 2021, SoftwareX 13, 100658."
)


def cut(described: StrainFile, parameters: GravitationalWaves) -> tuple[float, float]:
    """Give the GPS times between which the product lies.

    Raises
    ------
    BadParameter
        The window is not inside the stretch, less what filters spoil at its ends.
    """
    filtered = parameters.product == "spectrogram" or parameters.processing == "whitened"
    edge = EDGE if filtered else 0.0
    if filtered and described.duration < 4 * SEGMENT:
        raise BadParameter(
            f"processing: whitening wants at least {4 * SEGMENT:g} s of strain; there is {described.duration} s of "
            f"{described.detector} at {parameters.label}.",
            "Choose the product strain, raw or bandpassed.",
            field="processing" if parameters.product == "strain" else "product",
        )
    start, end = parameters.middle - parameters.window / 2, parameters.middle + parameters.window / 2
    if start < described.start + edge or end > described.end - edge:
        raise BadParameter(
            f"window: given {parameters.window:g} s around GPS {parameters.middle}; accepted: a window between "
            f"GPS {described.start + edge:g} and {described.end - edge:g}.".replace("e+09", "e9"),
            "Give a shorter window or another time.",
            field="window",
        )
    return start, end


def data_files(parameters: GravitationalWaves) -> tuple[str, ...]:
    """Name the data files of a product.

    Raises
    ------
    BadParameter
        There are no data for these parameters.
    """
    event = parameters.known
    if event and parameters.product == "skymap":
        return (event.skymap,)
    if event and parameters.product == "matched_filter":
        if event.template is None:
            raise BadParameter(
                f"event: there is no waveform model for {event.name}; accepted for the product matched_filter: "
                f"{', '.join(TEMPLATES)}.",
                field="event",
            )
        return (event.template, *(strain.name for strain in STRAIN if strain.holds(event.time)))
    described = strain_of(parameters.detector, parameters.middle, parameters.label)
    cut(described, parameters)
    return (described.name,)
