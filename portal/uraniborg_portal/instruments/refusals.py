"""The words for a parameter that is not accepted: its name, what was given, what is accepted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError
from rapidfuzz import fuzz, process

from uraniborg_portal.errors import BadParameter

SHOWN = 60
"""Longest piece of a user's text that a message repeats, characters."""

WORDS = {"number": "a number", "integer": "a whole number", "string": "a text", "boolean": "true or false"}


def shown(value: object) -> str:
    """Give a value as a message shows it: quoted text, cut where it is long."""
    text = repr(value) if isinstance(value, (str, int, float, bool, type(None))) else type(value).__name__
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)} characters)"


def accepted(described: dict[str, Any]) -> str:
    """Say what a property accepts: its choices, or its kind with bounds and unit."""
    if "enum" in described:
        return f"one of {', '.join(str(choice) for choice in described['enum'] if choice is not None)}"
    words = WORDS[described["type"]]
    if "minimum" in described and "maximum" in described:
        words += f" from {described['minimum']:g} to {described['maximum']:g}"
    if described.get("unit"):
        words += f" {described['unit']}"
    return f"{words}, or nothing" if described.get("optional") else words


def nearest(name: str, known: Iterable[str]) -> str:
    """Give a sentence that names the known word nearest to `name`; empty where none is near."""
    match = process.extractOne(name[:SHOWN], list(known), scorer=fuzz.WRatio, score_cutoff=60)
    return f"Did you mean {match[0]!r}?" if match else ""


def refusal(properties: dict[str, Any], error: ValidationError) -> BadParameter:
    """Give the error of the first fault."""
    fault = error.errors(include_url=False)[0]
    name = str(fault["loc"][0]) if fault["loc"] else None
    if fault["type"] == "extra_forbidden":
        return BadParameter(
            f"There is no parameter {shown(name)}; accepted: {', '.join(properties)}.",
            nearest(name or "", properties),
            field=shown(name)[1:-1],
        )
    if name is None:
        return BadParameter(f"The parameters do not fit: {fault['msg']}.", f"Accepted: {', '.join(properties)}.")
    described = properties[name]
    sentence = f"{name}: given {shown(fault['input'])}; accepted: {accepted(described)}."
    choices = [choice for choice in described.get("enum", []) if isinstance(choice, str)]
    hint = nearest(fault["input"], choices) if isinstance(fault["input"], str) else ""
    return BadParameter(sentence, hint, field=name)
