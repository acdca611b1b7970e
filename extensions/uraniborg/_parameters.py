"""Parameters of an instrument, as its JSON Schema describes them: checked before anything is sent."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

import numpy as np

from uraniborg._errors import UraniborgError

if TYPE_CHECKING:
    from astropy.units import Quantity

Schema = Mapping[str, Any]
"""The schema of one parameter."""


def signature(schema: Schema) -> Signature:
    """Give the signature of a call with these parameters, keywords all, for completion and help."""
    required = set(schema.get("required", ()))
    return Signature(
        [
            Parameter(
                name,
                Parameter.KEYWORD_ONLY,
                default=Parameter.empty if name in required else described.get("default"),
                annotation=_annotation(described),
            )
            for name, described in schema["properties"].items()
        ]
    )


def checked(schema: Schema, given: Mapping[str, object]) -> dict[str, object]:
    """Give the parameters as JSON values in the schema's units.

    Raises
    ------
    UraniborgError
        A parameter is unknown, of the wrong type, out of bounds or not one of the choices; `field` names it.
    """
    properties: Mapping[str, Schema] = schema["properties"]
    return {name: _value(name, _known(properties, name), value) for name, value in given.items() if value is not None}


def _known(properties: Mapping[str, Schema], name: str) -> Schema:
    if name in properties:
        return properties[name]
    near = tuple(get_close_matches(name, properties, n=2, cutoff=0.5))
    raise UraniborgError(
        f"There is no parameter {name!r}; there are {', '.join(properties)}.",
        code="bad_parameter",
        field=name,
        suggestions=near,
    )


def _value(name: str, described: Schema, value: object) -> object:
    plain = _plain(name, described, value)
    for problem in (_wrong_choice(described, plain), _wrong_bound(described, plain)):
        if problem:
            raise UraniborgError(f"{name} = {value!r}: {problem}.", code="bad_parameter", field=name)
    return plain


def _plain(name: str, described: Schema, value: object) -> object:
    """Give a JSON value: quantities in the parameter's unit, times as GPS seconds, arrays as lists, numpy as Python."""
    if "astropy" in sys.modules:
        value = _of_astropy(name, described, value)
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    return list(value) if isinstance(value, tuple) else value


def _of_astropy(name: str, described: Schema, value: object) -> object:
    """Give the number of a quantity or a time; other values as they are."""
    from astropy.time import Time
    from astropy.units import Quantity

    if isinstance(value, Time):
        return float(value.gps)
    return _in_unit(name, described, value) if isinstance(value, Quantity) else value


def _in_unit(name: str, described: Schema, value: Quantity) -> object:
    unit = described.get("unit") or ""
    try:
        return value.to_value(unit)
    except ValueError as error:
        raise UraniborgError(
            f"{name} = {value}: it is given in {unit or 'no unit'}.", code="bad_parameter", field=name
        ) from error


def _variants(described: Schema) -> list[Schema]:
    """List the forms that a value may have (`anyOf` of JSON Schema, or the one)."""
    return [part for part in described.get("anyOf", [described]) if part.get("type") != "null"]


def _wrong_choice(described: Schema, value: object) -> str:
    choices = [choice for part in _variants(described) for choice in part.get("enum", ())]
    if not choices or value in choices:
        return ""
    return f"it is one of {', '.join(repr(choice) for choice in choices)}"


BOUNDS: tuple[tuple[str, Callable[[float, float], bool], str], ...] = (
    ("minimum", lambda value, bound: value >= bound, "at least"),
    ("maximum", lambda value, bound: value <= bound, "at most"),
    ("exclusiveMinimum", lambda value, bound: value > bound, "more than"),
    ("exclusiveMaximum", lambda value, bound: value < bound, "less than"),
)


def _wrong_bound(described: Schema, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    problems = [_outside(part, described.get("unit") or "", value) for part in _variants(described)]
    return next((problem for problem in problems if problem), "") if all(problems) else ""


def _outside(part: Schema, unit: str, value: float) -> str:
    for key, holds, words in BOUNDS:
        if key in part and not holds(value, part[key]):
            return f"it is {words} {part[key]:g} {unit}".rstrip()
    return ""


def _annotation(described: Schema) -> object:
    types = {"string": str, "number": float, "integer": int, "boolean": bool, "array": list}
    kinds = {types.get(part.get("type", "")) for part in _variants(described)}
    return kinds.pop() if len(kinds) == 1 and None not in kinds else Any
