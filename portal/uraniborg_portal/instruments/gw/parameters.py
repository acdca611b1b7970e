"""What the form of the gravitational-wave instrument asks for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic.config import JsonDict

from uraniborg_portal.errors import BadParameter
from uraniborg_portal.instruments.gw.events import EVENTS, Event
from uraniborg_portal.instruments.parameters import GpsTime, Hertz, Number, Parameters, Seconds
from uraniborg_portal.instruments.refusals import nearest, shown

STRAIN: JsonDict = {"products": ["strain"]}
SPECTROGRAM: JsonDict = {"products": ["spectrogram"]}
SERIES: JsonDict = {"products": ["strain", "spectrogram"]}


def upper(value: object) -> object:
    """Let names of events and detectors be written in any case."""
    return value.strip().upper() if isinstance(value, str) else value


class GravitationalWaves(Parameters):
    """A product of the LIGO and Virgo detectors."""

    product: Literal["strain", "spectrogram", "skymap", "matched_filter"] = Field(
        "strain", title="Product", description="What to make."
    )
    event: Annotated[str, BeforeValidator(upper)] | None = Field(
        "GW150914",
        title="Event",
        description="An event of the GWTC catalogs. Leave it empty to give a GPS time.",
        json_schema_extra={"enum": list(EVENTS)},
    )
    time: GpsTime | None = Field(
        None,
        title="GPS time",
        description="Middle of the window, in GPS seconds, where no event is named.",
        json_schema_extra=SERIES,
    )
    detector: Annotated[Literal["H1", "L1", "V1"], BeforeValidator(upper)] = Field(
        "H1",
        title="Detector",
        description="H1 is LIGO Hanford, L1 LIGO Livingston, V1 Virgo.",
        json_schema_extra=SERIES,
    )
    processing: Literal["whitened", "bandpassed", "raw"] = Field(
        "whitened",
        title="Processing",
        description="Whitened: divided by the noise's amplitude spectrum and band-passed, in units of the noise's "
        "standard deviation. Bandpassed: strain in the band. Raw: strain as released.",
        json_schema_extra=STRAIN,
    )
    band_low: Hertz = Field(
        35.0, title="Band from", description="Lowest frequency of the band.", ge=10, le=1900, json_schema_extra=STRAIN
    )
    band_high: Hertz = Field(
        350.0, title="Band to", description="Highest frequency of the band.", ge=20, le=2000, json_schema_extra=STRAIN
    )
    notch: bool = Field(
        True,
        title="Remove lines",
        description="Remove mains and calibration lines from band-passed strain.",
        json_schema_extra=STRAIN,
    )
    window: Seconds = Field(
        0.5, title="Window", description="Length of what is shown and saved.", ge=0.05, le=28, json_schema_extra=SERIES
    )
    q_low: Number = Field(
        4.0,
        title="Q from",
        description="Least quality factor that is tried.",
        ge=4,
        le=64,
        json_schema_extra=SPECTROGRAM,
    )
    q_high: Number = Field(
        64.0, title="Q to", description="Greatest quality factor tried.", ge=4, le=64, json_schema_extra=SPECTROGRAM
    )
    frequency_low: Hertz = Field(
        20.0, title="Frequency from", description="Lowest frequency.", ge=10, le=1900, json_schema_extra=SPECTROGRAM
    )
    frequency_high: Hertz = Field(
        500.0, title="Frequency to", description="Highest frequency.", ge=20, le=2000, json_schema_extra=SPECTROGRAM
    )

    @model_validator(mode="before")
    @classmethod
    def time_replaces_the_default_event(cls, values: object) -> object:
        """Let a GPS time alone be enough."""
        if isinstance(values, dict) and values.get("time") not in (None, "") and "event" not in values:
            return {**values, "event": None}
        return values

    @model_validator(mode="after")
    def values_fit_together(self) -> GravitationalWaves:
        """Refuse values that contradict each other, with the portal's own error."""
        self._check_place()
        for name in ("band", "q", "frequency"):
            low, high = getattr(self, f"{name}_low"), getattr(self, f"{name}_high")
            if low >= high:
                raise BadParameter(
                    f"{name}_low: given {low:g} with {name}_high {high:g}; accepted: less than {name}_high.",
                    field=f"{name}_low",
                )
        return self

    def _check_place(self) -> None:
        """Refuse an unknown event, no place in time at all, or two."""
        if self.event is not None and self.event not in EVENTS:
            names = ", ".join(EVENTS)
            raise BadParameter(
                f"event: given {shown(self.event)}; accepted: one of {names}.",
                nearest(self.event, EVENTS),
                field="event",
            )
        if (self.event is None) == (self.time is None):
            raise BadParameter(
                f"event and time: given {self.event} and {self.time}; accepted: one of the two.",
                "Leave the event empty to use the GPS time.",
                field="time",
            )
        if self.product in ("skymap", "matched_filter") and self.event is None:
            raise BadParameter(
                f"event: given nothing; accepted for the product {self.product}: one of {', '.join(EVENTS)}.",
                field="event",
            )

    @property
    def known(self) -> Event | None:
        """Give the event that is named, if one is."""
        return EVENTS[self.event] if self.event else None

    @property
    def middle(self) -> float:
        """Give the GPS time in the middle of the window."""
        return self.known.time if self.known else float(self.time or 0)

    @property
    def label(self) -> str:
        """Give the words for the time: the event, or the GPS seconds."""
        return self.event or f"GPS {self.time}"
