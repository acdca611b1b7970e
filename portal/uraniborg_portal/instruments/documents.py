"""The description of a product: what was asked, what came out, from what, and how to repeat it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from uraniborg_portal.instruments.inputs import licence_and_citation
from uraniborg_portal.instruments.keys import key_of, python_of
from uraniborg_portal.instruments.models import Instrument
from uraniborg_portal.instruments.parameters import Parameters


def document(
    instrument: Instrument,
    parameters: Parameters,
    inputs: Mapping[str, str],
    made: Mapping[str, Any],
    log: Sequence[str],
) -> dict[str, Any]:
    """Give the description, as JSON values; `made` is what the worker says of the product, `inputs` name -> SHA-256."""
    licence, citation = licence_and_citation(inputs)
    said = {name: value for name, value in made.items() if name != "libraries"}
    return {
        "key": key_of(instrument, parameters, inputs),
        "instrument": instrument.name,
        "version": instrument.version,
        "parameters": parameters.relevant(),
        **said,
        "licence": licence,
        "citation": citation,
        "python": python_of(instrument, parameters),
        "log": "\n".join(log),
        "provenance": {"inputs": dict(inputs), "libraries": made["libraries"]},
    }
