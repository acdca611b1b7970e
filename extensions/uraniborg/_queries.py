"""Queries: ADQL, and the cone that most of them are."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from uraniborg._connection import current
from uraniborg._portal import Portal, segment

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord
    from astropy.units import Quantity

    from uraniborg._result import Result


def query(adql: str, *, rows: int | None = None) -> Result:
    """Give the rows of an ADQL query as an astropy Table.

    Parameters
    ----------
    adql
        The query, ADQL 2.1.
    rows
        Rows given at most; the portal's own limit where None. Where more exist, a warning says so.

    Raises
    ------
    UraniborgError
        The query is refused (the message says where), or took too long.
    """
    request: dict[str, object] = {"adql": str(adql)} | ({"rows": rows} if rows is not None else {})
    portal = current()
    return fetch(portal, portal.post("api/queries", request))


def cone(
    target: str | SkyCoord,
    radius: str | float | Quantity = "30 arcmin",
    catalog: str = "hipparcos",
    *,
    rows: int = 100_000,
    epoch: float | None = None,
) -> Result:
    """Give the rows of a catalog around a target.

    Parameters
    ----------
    target
        A name ("M42"), coordinates in any common notation, or a `SkyCoord` of one position.
    radius
        With its unit ("30 arcmin", an angle), or a number of degrees.
    catalog
        The catalog's name.
    rows
        Rows given at most.
    epoch
        Julian year to which stars with proper motions are moved; the catalog's own where None.

    Raises
    ------
    UraniborgError
        The name, radius or catalog is not known.
    """
    form: dict[str, object] = {
        "catalog": str(catalog),
        "target": _target(target),
        "radius": f"{radius} deg" if isinstance(radius, int | float) else str(radius),
        "filters": [],
        "columns": None,
        "rows": rows,
        "order": None,
        "epoch": epoch,
    }
    made = current().post("api/queries/form", form)
    result = query(made["adql"], rows=rows)
    result.meta["notes"] = tuple(dict.fromkeys((*made.get("notes", ()), *result.meta["notes"])))
    result.meta["center"] = made.get("center")
    return result


def fetch(portal: Portal, described: dict[str, Any]) -> Result:
    """Give the rows of a query that the portal has answered, from its description."""
    from uraniborg._result import build

    result = build(described, portal.content(f"api/queries/{described['id']}/file?format=arrow"))
    if result.meta["overflow"]:
        warnings.warn(
            f"More rows exist than the {len(result):,} given: pass a larger `rows`, or narrow the query.", stacklevel=3
        )
    return result


def stored(identifier: str, portal: Portal) -> Result:
    """Give the rows of a query that was made before, in the portal or in a widget."""
    return fetch(portal, portal.get(f"api/queries/{segment(identifier)}"))


def _target(target: str | SkyCoord) -> str:
    """Give a target in words: a `SkyCoord` becomes its ICRS degrees."""
    if isinstance(target, str):
        return target
    icrs = target.icrs
    return f"{float(icrs.ra.deg):.9f} {float(icrs.dec.deg):+.9f}"
