"""The parameter model of an instrument: one pydantic model makes form, schema, validation and command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from uraniborg_portal.instruments.refusals import refusal
from uraniborg_portal.instruments.schema import flat

Model = TypeVar("Model", bound="Parameters")

QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*([A-Za-zµ][A-Za-zµ0-9/. -]{0,24})?\s*")
"""A number and, after it, a unit."""

TEXT_LIMIT = 64
"""Longest text that is read as a quantity, characters."""


class Parameters(BaseModel):
    """What the form of an instrument asks for. Unknown names, NaN and infinity are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def empty_is_nothing(cls, values: object) -> object:
        """Take an empty text for nothing, where a parameter may be left empty: forms send that."""
        if not isinstance(values, dict):
            return values
        optional = {name for name, field in cls.model_fields.items() if type(None) in get_args(field.annotation)}
        return {name: None if name in optional and value == "" else value for name, value in values.items()}

    def relevant(self) -> dict[str, Any]:
        """Give the values that the chosen product depends on, in canonical units, in the model's order."""
        product = getattr(self, "product", None)
        properties = json_schema(type(self))["properties"]
        values = self.model_dump(mode="json")
        return {name: values[name] for name in values if product in properties[name].get("products", (product,))}


def in_unit(unit: str) -> BeforeValidator:
    """Let a parameter be a number in `unit`, or a text with a unit of the same kind (`"500 ms"` where it is `s`)."""

    def convert(value: object) -> object:
        match = QUANTITY.fullmatch(value) if isinstance(value, str) and len(value) <= TEXT_LIMIT else None
        if match is None:
            return value
        return float(match[1]) * (scale(match[2], unit) if match[2] else 1.0)

    return BeforeValidator(convert)


def scale(given: str, wanted: str) -> float:
    """Give the factor from one unit to another of its kind; `ValueError` or `TypeError` where there is none."""
    from astropy.units import Unit  # half a second of imports, for texts with units only

    return float(Unit(given).to(wanted))


Seconds = Annotated[float, in_unit("s"), Field(json_schema_extra={"unit": "s"})]
"""A time in seconds; a text may name another unit of time."""

GpsTime = Annotated[float, Field(ge=0, le=2e9), in_unit("s"), Field(json_schema_extra={"unit": "s"})]
"""A time in GPS seconds, until the year 2043."""

Hertz = Annotated[float, in_unit("Hz"), Field(json_schema_extra={"unit": "Hz"})]
"""A frequency in hertz; a text may name another unit of frequency."""

Number = Annotated[float, in_unit("")]
"""A number without a unit."""


def json_schema(model: type[Parameters]) -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of a parameter model, each property flat and with its `unit`."""
    return flat(model.model_json_schema())


def check(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Give the checked parameters.

    Raises
    ------
    BadParameter
        A name is unknown or a value is not accepted; the message says which, what was given and what is accepted.
    """
    try:
        return model(**values)
    except ValidationError as error:
        raise refusal(json_schema(model)["properties"], error) from None
