"""The rows that a query gives: an astropy Table that knows its query, its epoch and its frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from astropy.table import Column, Table
from astropy.units import UnrecognizedUnit

from uraniborg._arrow import column_of, read_arrow

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord


class Result(Table):
    """The rows of a query: an astropy `Table` with units, descriptions and UCDs.

    `meta` holds `adql`, `notes` (sentences that a reader should see), `overflow` (more rows exist than were given),
    `epoch` (Julian year of the positions), `coosys` (frame and epoch as VOTable names them), `position` (names of the
    columns that say where a row is) and `query_id`.
    """

    def to_arrow(self) -> pa.Table:
        """Give the rows as an Arrow table; a field's metadata holds unit, ucd and description."""
        arrays = {name: _array(self[name]) for name in self.colnames}
        fields = [pa.field(name, arrays[name].type, metadata=_field_metadata(self[name])) for name in self.colnames]
        return pa.table(list(arrays.values()), schema=pa.schema(fields))

    @property
    def coordinates(self) -> SkyCoord:
        """The positions as a `SkyCoord` (ICRS) at the catalog's epoch, with proper motions where they were selected.

        `coordinates_at` moves them to another year.

        Raises
        ------
        ValueError
            The query selected no position columns.
        """
        from uraniborg._coordinates import of_columns

        return of_columns(self)

    def coordinates_at(self, year: float) -> SkyCoord:
        """Give the positions moved along their proper motions to a Julian year (2026.0).

        Raises
        ------
        ValueError
            The query selected no position columns, no proper motions, or the catalog has no epoch.
        """
        from uraniborg._coordinates import at

        return at(self, year)


def build(described: Mapping[str, Any], data: bytes) -> Result:
    """Give the result of the portal's description of a query and its rows in Arrow."""
    arrow = read_arrow(data)
    make: Callable[..., Result] = Result
    result = make([column_of(arrow.column(name)) for name in arrow.column_names], names=arrow.column_names)
    for entry in described["columns"]:
        _describe(result, entry)
    result.meta.update(_meta(described))
    return result


def _describe(result: Result, entry: Mapping[str, Any]) -> None:
    """Put unit, description and UCD on a column; a unit that astropy doesn't know is kept as it is written."""
    column = result[entry["name"]]
    column.description = entry.get("description") or None
    if entry.get("ucd"):
        column.meta["ucd"] = entry["ucd"]
    if entry.get("unit"):
        try:
            column.unit = entry["unit"]
        except ValueError:
            column.unit = UnrecognizedUnit(entry["unit"])


def _meta(described: Mapping[str, Any]) -> dict[str, object]:
    epoch = described.get("epoch")
    coosys = {"system": "ICRS"} | ({"epoch": f"J{epoch}"} if epoch else {})
    meta: dict[str, object] = {
        "adql": described["adql"],
        "notes": tuple(described.get("notes") or ()),
        "overflow": bool(described.get("overflow")),
        "query_id": described["id"],
    }
    position = described.get("position")
    return meta | ({"position": dict(position), "epoch": epoch, "coosys": coosys} if position else {})


def _array(column: Column) -> pa.Array:
    mask = getattr(column, "mask", None)
    values = column.filled().tolist() if column.dtype.kind in "OU" and mask is not None else column.data
    return pa.array(getattr(values, "data", values) if mask is not None else values, mask=mask)


def _field_metadata(column: Column) -> dict[str, str]:
    told = {"unit": column.unit, "ucd": column.meta.get("ucd"), "description": column.description}
    return {key: str(value) for key, value in told.items() if value}
