"""The key of a product: equal requests have equal keys, and different ones never share one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from uraniborg_portal.instruments.models import Instrument
from uraniborg_portal.instruments.parameters import Parameters


def canonical(value: object) -> str:
    """Give the canonical JSON: keys sorted, no spaces, UTF-8 text as it is, NaN and infinity refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def key_of(instrument: Instrument, parameters: Parameters, inputs: Mapping[str, str]) -> str:
    """Give the SHA-256 (hex) of instrument, version, the parameters that matter, and the inputs' hashes."""
    asked: dict[str, Any] = {
        "instrument": instrument.name,
        "version": instrument.version,
        "parameters": parameters.relevant(),
        "inputs": dict(inputs),
    }
    return hashlib.sha256(canonical(asked).encode()).hexdigest()


def python_of(instrument: Instrument, parameters: Parameters) -> str:
    """Give the Python that repeats a product in a lab."""
    given = {name: value for name, value in parameters.relevant().items() if value is not None}
    arguments = ", ".join(f"{name}={value!r}" for name, value in given.items())
    return f'import uraniborg as ub\n\nproduct = ub.instrument("{instrument.name}")({arguments})\nproduct\n'
