"""Parameters are checked against the instrument's schema before anything is sent."""

from __future__ import annotations

import inspect

import astropy.units as u
import numpy as np
import pytest
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from uraniborg import UraniborgError
from uraniborg._parameters import checked, signature

SCHEMA = {
    "type": "object",
    "required": [],
    "properties": {
        "event": {"type": "string", "default": None, "title": "Event"},
        "time": {"type": "number", "unit": "s", "default": None},
        "detector": {"type": "string", "enum": ["H1", "L1"], "default": "H1"},
        "band_low": {"type": "number", "unit": "Hz", "minimum": 10, "maximum": 1900, "default": 35.0},
        "q": {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "null"}]},
    },
}


@pytest.mark.parametrize(
    ("given_", "sent"),
    [
        ({"band_low": 50}, {"band_low": 50}),
        ({"band_low": 0.05 * u.kHz}, {"band_low": 50.0}),
        ({"band_low": np.float32(64)}, {"band_low": 64.0}),
        ({"time": Time(1126259462.4, format="gps")}, {"time": 1126259462.4}),
        ({"event": None, "detector": "L1"}, {"detector": "L1"}),
    ],
)
def test_values_are_sent_as_json_in_the_schemas_units(given_: dict[str, object], sent: dict[str, object]) -> None:
    found = checked(SCHEMA, given_)
    assert found == pytest.approx(sent)
    assert all(type(value) in (int, float, str) for value in found.values())


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"detektor": "H1"}, "no parameter 'detektor'"),
        ({"detector": "V1"}, "it is one of 'H1', 'L1'"),
        ({"band_low": 5}, "at least 10 Hz"),
        ({"band_low": 1e6}, "at most 1900 Hz"),
        ({"band_low": 3 * u.m}, "it is given in Hz"),
        ({"q": 0}, "more than 0"),
    ],
)
def test_wrong_values_are_refused_in_words(given_: dict[str, object], words: str) -> None:
    with pytest.raises(UraniborgError, match=words) as raised:
        checked(SCHEMA, given_)
    assert raised.value.field in given_


@given(st.floats(allow_nan=False))
def test_bounds_hold_for_every_number(value: float) -> None:
    if 10 <= value <= 1900:
        assert checked(SCHEMA, {"band_low": value}) == {"band_low": value}
    else:
        with pytest.raises(UraniborgError):
            checked(SCHEMA, {"band_low": value})


def test_signature_completes_with_defaults() -> None:
    found = signature(SCHEMA)
    assert list(found.parameters) == list(SCHEMA["properties"])
    assert found.parameters["band_low"].default == 35.0
    assert found.parameters["detector"].kind is inspect.Parameter.KEYWORD_ONLY
