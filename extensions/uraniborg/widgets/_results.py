"""What widgets share that give rows of catalogs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from uraniborg.widgets._base import Carrier
from uraniborg.widgets._variable import assign, checked_name

if TYPE_CHECKING:
    from uraniborg._portal import Portal
    from uraniborg._result import Result


class RowsCarrier(Carrier):
    """A widget whose results are rows: each lands in the user's variable and in `result`."""

    def __init__(self, portal: Portal, label: str, into: str) -> None:
        self._into = checked_name(into)
        self.result: Result | None = None
        super().__init__(portal, label)

    def take(self, value: Mapping[str, Any]) -> str:
        """Read the rows of a query and put them in the user's variable."""
        from uraniborg._queries import stored

        self.result = stored(str(value["id"]), self._portal)
        assign(self._into, self.result)
        self.label = f"{len(self.result):,} rows of {self.result.meta['adql']}"
        return f"{self._into}: an astropy Table of {len(self.result):,} rows and {len(self.result.columns)} columns"
