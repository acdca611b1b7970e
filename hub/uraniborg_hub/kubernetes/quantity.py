"""Kubernetes' quantities: `500m` processors, `2Gi` bytes."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator

_QUANTITY = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?")
_UNITS = {
    "m": Decimal("0.001"),
    "": Decimal(1),
    **{unit: Decimal(1000) ** (power + 1) for power, unit in enumerate("kMGTP")},
    **{f"{unit}i": Decimal(1024) ** (power + 1) for power, unit in enumerate("KMGTP")},
}


def amount(quantity: str) -> Decimal:
    """Give a quantity as a number: processors, or bytes.

    Raises
    ------
    ValueError
        It is not a quantity; says what one looks like.
    """
    found = _QUANTITY.fullmatch(quantity)
    if found is None:
        raise ValueError(f"{quantity!r} is not a quantity of Kubernetes, such as '2', '500m' or '2Gi'")
    return Decimal(found["number"]) * _UNITS[found["unit"] or ""]


def gibibytes(quantity: str) -> str:
    """Give a quantity of memory as a person reads it: `2 GB`, `512 MB` (binary, as Kubernetes counts)."""
    size = amount(quantity)
    unit, name = (_UNITS["Gi"], "GB") if size >= _UNITS["Gi"] else (_UNITS["Mi"], "MB")
    number = float(size / unit)
    return f"{number:.0f} {name}" if number >= 10 else f"{number:.3g} {name}"


def _checked(quantity: str) -> str:
    if amount(quantity) <= 0:
        raise ValueError(f"{quantity!r} is nothing; give more than 0")
    return quantity


Quantity = Annotated[str, AfterValidator(_checked)]
"""A quantity of a setting: more than nothing."""
