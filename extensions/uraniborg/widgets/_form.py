"""The form of an instrument in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from uraniborg.widgets._base import Carrier
from uraniborg.widgets._modules import Program, program
from uraniborg.widgets._variable import assign, checked_name

if TYPE_CHECKING:
    from uraniborg._portal import Portal
    from uraniborg._products import Product


class Form(Carrier):
    """An instrument's form, progress and figure; each product lands in the user's variable and in `result`."""

    def __init__(self, portal: Portal, instrument: str, into: str, parameters: Mapping[str, object]) -> None:
        self._into = checked_name(into)
        self._instrument = instrument
        self._parameters = dict(parameters)
        self.result: Product | None = None
        super().__init__(portal, f"Instrument {instrument}")

    def program(self) -> Program:
        """Give the portal's form."""
        return program(self._portal, "instrument")

    def options(self) -> dict[str, object]:
        """Give the instrument and what is filled in at the start."""
        return {"name": self._instrument, "values": self._parameters}

    def take(self, value: Mapping[str, Any]) -> str:
        """Put a finished product in the user's variable."""
        from uraniborg._products import product

        self.result = product(self._portal, str(value["id"]))
        assign(self._into, self.result)
        self.label = str(self.result)
        return f"{self._into}: a Product of {len(self.result.files)} files; {self._into}.view() draws it"
