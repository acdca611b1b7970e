"""One's own queries in the background, in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uraniborg._connection import current
from uraniborg.widgets._modules import Program, program
from uraniborg.widgets._results import RowsCarrier

if TYPE_CHECKING:
    from uraniborg._portal import Portal


class OwnQueries(RowsCarrier):
    """The portal's list of one's queries that run in the background; what is opened lands in the user's variable."""

    def __init__(self, portal: Portal, into: str) -> None:
        super().__init__(portal, "My queries in the background", into)

    def program(self) -> Program:
        """Give the portal's list."""
        return program(self._portal, "queries")


def queries(into: str = "stars") -> OwnQueries:
    """Give one's queries that run in the background as a widget: live, to stop, run again, open and delete.

    A result that is opened lands in the variable named `into` as an astropy Table (and in the widget's `result`).
    Queries of the portal's pages, of `browse` and of other TAP clients are all there.

    Raises
    ------
    UraniborgError
        `into` can't be a variable.
    """
    return OwnQueries(current(), into)
