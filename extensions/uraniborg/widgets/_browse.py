"""The catalog browser in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uraniborg._connection import current
from uraniborg.widgets._modules import Program, program
from uraniborg.widgets._results import RowsCarrier

if TYPE_CHECKING:
    from uraniborg._portal import Portal


class Browser(RowsCarrier):
    """The portal's catalog browser; each result lands in the user's variable and in `result`."""

    def __init__(self, portal: Portal, catalog: str | None, into: str) -> None:
        self._catalog = catalog
        super().__init__(portal, f"Catalog browser{f': {catalog}' if catalog else ''}", into)

    def program(self) -> Program:
        """Give the portal's browser."""
        return program(self._portal, "browse")

    def options(self) -> dict[str, object]:
        """Give the catalog that is open at the start."""
        return {"catalog": self._catalog} if self._catalog else {}


def browse(catalog: str | None = None, into: str = "stars") -> Browser:
    """Give the catalog browser as a widget: search, select and plot with the mouse.

    Every result lands in the variable named `into` as an astropy Table (and in the widget's `result`).

    Raises
    ------
    UraniborgError
        No catalog has this name, or `into` can't be a variable.
    """
    from uraniborg._catalogs import known_catalog

    return Browser(current(), known_catalog(str(catalog)).name if catalog is not None else None, into)
