"""The schema that forms are made from."""

from __future__ import annotations

from uraniborg_portal.instruments.gw import INSTRUMENT
from uraniborg_portal.instruments.parameters import json_schema

KINDS = {"string", "number", "integer", "boolean"}


def test_every_property_is_flat_and_says_what_a_form_needs() -> None:
    schema = json_schema(INSTRUMENT.parameters)
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["additionalProperties"] is False
    for name, described in schema["properties"].items():
        assert {"title", "description", "default"} <= described.keys(), name
        assert described["type"] in KINDS, name
        assert described["type"] != "number" or {"minimum", "maximum"} <= described.keys(), name
        assert "anyOf" not in described


def test_units_choices_and_products() -> None:
    properties = json_schema(INSTRUMENT.parameters)["properties"]
    assert properties["window"]["unit"] == "s"
    assert properties["band_low"]["unit"] == "Hz"
    assert properties["detector"]["enum"] == ["H1", "L1", "V1"]
    assert properties["event"]["enum"][0] == "GW150914"
    assert properties["event"]["enum"][-1] is None
    assert properties["time"]["optional"] is True
    assert properties["q_low"]["products"] == ["spectrogram"]


def test_the_form_has_every_parameter_once() -> None:
    names = [name for group in INSTRUMENT.form for name in group]
    assert sorted(names) == sorted(json_schema(INSTRUMENT.parameters)["properties"])
